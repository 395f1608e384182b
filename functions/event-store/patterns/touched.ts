import { type PatternKey, textOf } from '../../../shared/patterns/key.ts'
import { severityNumber } from '../../../shared/severity.ts'
import type { StoredEvent } from '../../../shared/stored.ts'

/** A key that something has happened to; `time` is when it last did, in Unix ms. */
export type Touched = { key: PatternKey; time: number }

/** What is less bad is ordinary life (Pulled, Created, Scheduled): a rollout would flood people. It can be asked for. */
export const leastSeverity = severityNumber.warning

/**
 * The keys that a batch has touched and that may be told: of what has a reason, is a warning at least, and is not itself
 * told of other events. What happened before the window is history, and nobody is told of it; a clock ahead is now.
 */
export function touchedBy(rows: StoredEvent[], { now, window }: { now: number; window: number }): Touched[] {
  const touched = new Map<string, Touched>()
  for (const row of rows) {
    const { cluster, reason, kind, namespace } = row
    if (!mayBeTold(row) || row.time.getTime() <= now - window) continue
    const key = { cluster, reason, kind, namespace }
    const text = textOf(key)
    const time = Math.min(row.time.getTime(), now)
    if ((touched.get(text)?.time ?? 0) < time) touched.set(text, { key, time })
  }
  return [...touched.values()]
}

// As `isOriginal` says it to the database.
const mayBeTold = ({ severity, observation, type, event_type, cluster, reason }: StoredEvent) =>
  severity >= leastSeverity &&
  observation !== 'alerts' &&
  ![type, event_type].some(one => one === 'Digest' || one === 'Pattern') &&
  cluster !== '' &&
  reason !== ''
