/** The labels of `event_exporter_events_total`, in this order. */
export const labelNames = [
  'event_type',
  'reason',
  'involved_object_kind',
  'involved_object_name',
  'namespace',
] as const
export type Labels = Record<(typeof labelNames)[number], string>

/** Counters by label, of which there are never more than a budget. */
export type Series = {
  /** False when it was counted under `other`, since there was no room for a series of its own. */
  add(labels: Labels, occurrences: number): boolean
  /**
   * Tells what has changed since the last time. A new series is told as 0 once and with its value the next time: one
   * that is born with a value escapes `increase()`, which needs to have seen it before.
   */
  collect(told: { inc(labels: Labels, by: number): void; remove(labels: Labels): void }): void
}

/** A series that nothing was added to for so long may go when another one needs its place: longer than any rule looks back. */
const idle = 3_600_000
const longest = 253
const other = 'other'

type Row = { labels: Labels; pending: number; told: boolean; at: number }

/** At most `budget` series: a tenth is kept for those that are summed up as `other` by name, then by all but the type. */
export function seriesWithin(budget: number, now: () => number): Series {
  const rows = new Map<string, Row>()
  const changed = new Set<Row>()
  const gone: Row[] = []

  function rowOf(labels: Labels, most: number): Row | undefined {
    const key = JSON.stringify(labels)
    const known = rows.get(key)
    // The map keeps the order of insertion: the one at the front was idle for longest.
    if (known) rows.delete(key)
    else if (rows.size >= most && !letGo()) return undefined
    const row = known ?? { labels, pending: 0, told: false, at: 0 }
    row.at = now()
    rows.set(key, row)
    return row
  }

  function letGo(): boolean {
    const [first] = rows
    if (!first || now() - first[1].at < idle || changed.has(first[1])) return false
    rows.delete(first[0])
    if (first[1].told) gone.push(first[1])
    return true
  }

  return {
    add(given, occurrences) {
      const labels = bounded(given)
      const own = rowOf(labels, Math.ceil(budget * 0.9))
      const unnamed = { ...labels, involved_object_name: other }
      const row =
        own ??
        rowOf(unnamed, budget) ??
        rowOf({ ...unnamed, reason: other, involved_object_kind: other, namespace: other }, Infinity)
      if (row) {
        row.pending += occurrences
        changed.add(row)
      }
      return own !== undefined
    },
    collect({ inc, remove }) {
      for (const { labels } of gone.splice(0)) remove(labels)
      for (const row of changed) {
        inc(row.labels, row.told ? row.pending : 0)
        if (row.told) {
          row.pending = 0
          changed.delete(row)
        }
        row.told = true
      }
    },
  }
}

/** As whoever makes events may write what he likes, a type that Kubernetes does not have is `other` too. */
const bounded = ({ event_type, ...labels }: Labels): Labels => ({
  event_type: event_type === 'Normal' || event_type === 'Warning' ? event_type : other,
  reason: labels.reason.slice(0, longest),
  involved_object_kind: labels.involved_object_kind.slice(0, longest),
  involved_object_name: labels.involved_object_name.slice(0, longest),
  namespace: labels.namespace.slice(0, longest),
})
