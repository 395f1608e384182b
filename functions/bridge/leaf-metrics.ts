import { Counter, Gauge, type Registry } from 'prom-client'

/** Where it is counted how far the streams of leaf clusters are taken over. */
export type LeafCounts = {
  /** So many wait there as far as is known, and it was heard of so many nanoseconds ago, below 0: never. */
  stands(cluster: string, about: { lag: number; silent: number }): void
  lost(cluster: string, events: number): void
}

/** Counts it, for each of these clusters from the start. */
export function leafMetrics(registry: Registry, clusters: string[]): LeafCounts {
  const [labelNames, registers] = [['cluster'], [registry]]
  const lag = new Gauge({
    name: 'ops_bridge_leaf_pending_events',
    help: 'Events that wait in the stream of a leaf cluster, as it said when it was heard of last',
    ...{ labelNames, registers },
  })
  const silent = new Gauge({
    name: 'ops_bridge_leaf_silent_seconds',
    help: 'Time since the stream of a leaf cluster was heard of; it says something every ten seconds at least',
    ...{ labelNames, registers },
  })
  const lost = new Counter({
    name: 'ops_bridge_leaf_lost_events_total',
    help: 'Events that the stream of a leaf cluster threw away before they were taken over',
    ...{ labelNames, registers },
  })
  // A series that is born at 1 escapes increase(): all of them start at 0.
  for (const cluster of clusters) lost.inc({ cluster }, 0)
  return {
    stands(cluster, about) {
      lag.set({ cluster }, about.lag)
      silent.set({ cluster }, about.silent < 0 ? Number.POSITIVE_INFINITY : about.silent / 1e9)
    },
    lost: (cluster, events) => lost.inc({ cluster }, events),
  }
}
