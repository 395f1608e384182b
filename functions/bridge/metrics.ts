import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { answer, type Handler } from '../../shared/host.ts'

/** Where a trigger counts what it does; events unless it says otherwise, times in milliseconds. */
export type Counts = {
  delivered(events: number): void
  retried(events: number): void
  deadLettered(events: number): void
  uncovered(events: number): void
  /** Changes by. */
  inFlight(events: number): void
  /** So many are in our hands, of which so many wake nobody. */
  holding(events: number, quiet: number): void
  /** One request to the sink. */
  took(time: number): void
  /** One event, from the bus to its acknowledgement. */
  age(time: number): void
  paused(is: boolean): void
  lag(consumer: { pending: number; ackPending: number }): void
  lost(events: number): void
}

/** The bridge's metrics, as Prometheus names them, all by trigger. */
export function metricsOf(): { registry: Registry; page: Handler; countsOf(trigger: string): Counts } {
  const registry = new Registry()
  const registers = [registry]
  const labelNames = ['trigger']
  const counter = (name: string, help: string) => new Counter({ name, help, labelNames, registers })
  const gauge = (name: string, help: string) => new Gauge({ name, help, labelNames, registers })
  const histogram = (name: string, help: string) =>
    new Histogram({
      name,
      help,
      labelNames,
      registers,
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60],
    })

  const delivered = counter('ops_bridge_delivered_events_total', 'Events that the sink took')
  const retried = counter(
    'ops_bridge_retried_events_total',
    'Attempts after which an event waits for the next',
  )
  const deadLettered = counter('ops_bridge_deadlettered_events_total', 'Events given up')
  const uncovered = counter(
    'ops_bridge_uncovered_events_total',
    'Events that no hook covers, acknowledged without waking the sink',
  )
  const lost = counter(
    'ops_bridge_lost_events_total',
    'Events that the stream threw away before the trigger had them',
  )
  const inFlight = gauge('ops_bridge_in_flight_events', 'Events in requests that the sink has not answered')
  const holding = gauge('ops_bridge_held_events', 'Events in the hands of this replica')
  const quiet = gauge(
    'ops_bridge_quiet_events',
    'Held events that wake nobody: they wait until others go to the sink',
  )
  const paused = gauge('ops_bridge_trigger_broken', '1 while the function does not accept the bridge')
  const pending = gauge(
    'ops_bridge_consumer_pending_events',
    'Events in the stream that the trigger has not had yet',
  )
  const ackPending = gauge(
    'ops_bridge_consumer_ack_pending_events',
    'Events handed out and not acknowledged yet',
  )
  const requests = histogram('ops_bridge_request_duration_seconds', 'Duration of requests to the sink')
  const events = histogram(
    'ops_bridge_event_duration_seconds',
    'Time from taking an event off the bus to its acknowledgement',
  )

  return {
    registry,
    async page(request, response) {
      if (request.url?.split('?', 1)[0] !== '/metrics')
        return answer(response, 404, 'There are /healthz, /readyz and /metrics')
      answer(response, 200, await registry.metrics(), { 'content-type': registry.contentType })
    },
    countsOf(trigger) {
      const by = { trigger }
      const [deliveredBy, retriedBy, deadBy, uncoveredBy, lostBy] = [
        delivered,
        retried,
        deadLettered,
        uncovered,
        lost,
      ].map(metric => metric.labels(by))
      // A series that is born at 1 escapes increase(): all of them start at 0.
      for (const child of [deliveredBy, retriedBy, deadBy, uncoveredBy, lostBy]) child?.inc(0)
      const flightsBy = inFlight.labels(by)
      const requestsBy = requests.labels(by)
      const eventsBy = events.labels(by)
      paused.set(by, 0)
      quiet.set(by, 0)
      return {
        delivered: count => deliveredBy?.inc(count),
        retried: count => retriedBy?.inc(count),
        deadLettered: count => deadBy?.inc(count),
        uncovered: count => uncoveredBy?.inc(count),
        lost: count => lostBy?.inc(count),
        inFlight: change => flightsBy.inc(change),
        holding(count, quietOnes) {
          holding.set(by, count)
          quiet.set(by, quietOnes)
        },
        took: time => requestsBy.observe(time / 1000),
        age: time => eventsBy.observe(time / 1000),
        paused: is => paused.set(by, is ? 1 : 0),
        lag(consumer) {
          pending.set(by, consumer.pending)
          ackPending.set(by, consumer.ackPending)
        },
      }
    },
  }
}
