import { percentile } from '../../infra/bench/stats.ts'

/** A version of an event as an independent watch saw it; times are Unix ms. */
export type Seen = { id: string; operation: string; at: number }

/** From when to when, and what was going on. */
export type Window = { name: string; from: number; to: number }

/** What was written down in a run. */
export type Ledgers = {
  seen: Seen[]
  /** Ids of the Kubernetes events that lie on the bus, each as often as it lies there. */
  bus: string[]
  /** When the sink got which id. */
  sink: { id: string; at: number }[]
  /** Of what happened in these only what still existed after it can be there, and is told as a blind window. */
  blind: { from: number; to: number }[]
  /** Ids of what is in the cluster in the end. */
  last: string[]
  /** When a fault was there, until all that was written meanwhile had reached the sink. */
  faults: Window[]
}

/** How long it took from the independent watch to the sink, in milliseconds. */
export type Latency = { name: string; count: number; p50: number; p99: number; most: number }

/** What the ledgers say together. Each list has to be empty. */
export type Findings = {
  versions: number
  /** Versions that etcd had forgotten before they were read. */
  forgotten: number
  /** Requests of the sink beyond one a version. */
  repeats: number
  missing: string[]
  doubled: string[]
  invented: string[]
  undelivered: string[]
  latencies: Latency[]
}

/** Compares: every version on the bus once and none that nobody saw, at the sink all but deletions; and how soon. */
export function check({ seen, bus, sink, blind, last, faults }: Ledgers): Findings {
  const known = new Set(seen.map(({ id }) => id))
  const onBus = new Set(bus)
  const lasting = new Set(last)
  const absent = seen.filter(({ id }) => !onBus.has(id))
  // Nobody can have it any more, unless it is the last version of something that is there.
  const excused = ({ id, at }: Seen) =>
    !lasting.has(id) && blind.some(({ from, to }) => from <= at && at <= to)
  const received = new Map<string, number>()
  for (const { id, at } of sink) if (!received.has(id)) received.set(id, at)
  const due = seen.filter(({ id, operation }) => onBus.has(id) && operation !== 'DELETED')
  return {
    versions: seen.length,
    forgotten: absent.filter(excused).length,
    repeats: sink.length - received.size,
    missing: absent.filter(one => !excused(one)).map(({ id }) => id),
    doubled: twice(bus),
    invented: [...onBus].filter(id => !known.has(id)),
    undelivered: due.filter(({ id }) => !received.has(id)).map(({ id }) => id),
    latencies: latenciesOf(due, received, faults),
  }
}

function latenciesOf(due: Seen[], received: Map<string, number>, faults: Window[]): Latency[] {
  const took = new Map<string, number[]>([['nothing is down', []]])
  for (const { id, at } of due) {
    const until = received.get(id)
    if (until === undefined) continue
    const name = faults.find(({ from, to }) => from <= at && at <= to)?.name ?? 'nothing is down'
    const times = took.get(name) ?? []
    // Two watches are open: the other one may be quicker.
    times.push(Math.max(until - at, 0))
    took.set(name, times)
  }
  return [...took].map(([name, times]) => ({
    ...{ name, count: times.length },
    ...{ p50: percentile(times, 0.5), p99: percentile(times, 0.99), most: Math.max(...times) },
  }))
}

function twice(ids: string[]): string[] {
  const once = new Set<string>()
  return ids.filter(id => once.size === once.add(id).size)
}
