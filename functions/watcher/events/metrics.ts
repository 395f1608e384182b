import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { KubeEvent } from './occurrence.ts'
import { labelNames, seriesWithin } from './series.ts'
import type { SourceCounts } from './source.ts'

/** What the reading of events counts. */
export type EventMetrics = SourceCounts & {
  /** A watch is open from now on. */
  opened(): void
  ended(reason: string): void
}

/**
 * Registers the metrics of events. `event_exporter_events_total` is what this replica saw on the bus, also where a
 * twin was quicker to publish it: of several replicas take `max by`, not the sum.
 */
export function eventMetrics(
  registry: Registry,
  { budget, away, now = Date.now }: { budget: number; away(): boolean; now?: () => number },
): EventMetrics {
  const registers = [registry]
  const counter = (name: string, help: string) => new Counter({ name, help, registers })
  const series = seriesWithin(budget, now)
  let openedAt: number | undefined

  const folded = counter(
    'ops_watcher_events_folded_total',
    'Occurrences counted under "other", since there was no room for a series of their own',
  )
  new Counter({
    name: 'event_exporter_events_total',
    help: 'Occurrences of Kubernetes events that are on the bus, as this replica saw them: of several take "max by"',
    labelNames,
    registers,
    collect() {
      series.collect({ inc: (labels, by) => this.inc(labels, by), remove: labels => this.remove(labels) })
    },
  })
  const received = counter(
    'ops_watcher_events_received_total',
    'Versions of event objects that the API server told: published, duplicate or dropped once they are done',
  )
  const published = counter('ops_watcher_events_published_total', 'Those that this replica put on the bus')
  const duplicates = counter(
    'ops_watcher_events_duplicate_total',
    'Those that were on the bus already: by another replica, or before a restart',
  )
  const dropped = new Counter({
    name: 'ops_watcher_events_dropped_total',
    help: 'Those that are not published, by the rule that says so',
    labelNames: ['rule'] as const,
    registers,
  })
  const lag = new Histogram({
    name: 'ops_watcher_event_lag_seconds',
    help: 'Time from when an event says that it happened, often in whole seconds, until the bus had it',
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    registers,
  })
  const ends = new Counter({
    name: 'ops_watcher_watch_ends_total',
    help: 'Watches that ended or could not be opened, by reason; "expired" is how a healthy one ends',
    labelNames: ['reason'] as const,
    registers,
  })
  new Gauge({
    name: 'ops_watcher_watch_age_seconds',
    help: 'How long the present watch is open; 0 while there is none',
    registers,
    collect() {
      this.set(openedAt === undefined ? 0 : (now() - openedAt) / 1000)
    },
  })
  new Gauge({
    name: 'ops_watcher_bus_away',
    help: '1 while there is no connection to NATS',
    registers,
    collect() {
      this.set(away() ? 1 : 0)
    },
  })
  // A series that is born at 1 escapes increase(): those that alerts ask for start at 0.
  for (const rule of ['unreadable', 'refused']) dropped.inc({ rule }, 0)
  for (const reason of ['expired', 'silent', '410 Expired']) ends.inc({ reason }, 0)

  return {
    received: () => received.inc(),
    published: () => published.inc(),
    duplicate: () => duplicates.inc(),
    dropped: rule => dropped.inc({ rule }),
    happened(event, occurrences) {
      if (occurrences > 0 && !series.add(labelsOf(event), occurrences)) folded.inc(occurrences)
    },
    lag: ms => lag.observe(Math.max(0, ms) / 1000),
    opened() {
      openedAt = now()
    },
    ended(reason) {
      openedAt = undefined
      ends.inc({ reason })
    },
  }
}

const labelsOf = ({ type, reason, regarding, metadata }: KubeEvent) => ({
  event_type: type ?? '',
  reason: reason ?? '',
  involved_object_kind: regarding?.kind ?? '',
  involved_object_name: regarding?.name ?? '',
  // As event-exporter has it: that of the event, which is "default" for a node.
  namespace: metadata.namespace ?? '',
})
