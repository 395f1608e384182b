import type { Name } from './poster.ts'

/** What became of what was posted. */
export type Balance = { posted: number; received: number; lost: Name[]; twice: Name[]; disordered: Name[] }

/** Compares what was posted with what came, in the order in which it came. */
export function balance(posted: Name[], received: Name[]): Balance {
  const times = new Map<Name, number>()
  const latest = new Map<string, number>()
  const disordered: Name[] = []
  for (const name of received) {
    const before = times.get(name) ?? 0
    times.set(name, before + 1)
    // What comes again is counted as that.
    if (before > 0) continue
    const slash = name.lastIndexOf('/')
    const [object, seq] = [name.slice(0, slash), Number(name.slice(slash + 1))]
    if (seq < (latest.get(object) ?? 0)) disordered.push(name)
    latest.set(object, Math.max(seq, latest.get(object) ?? 0))
  }
  return {
    posted: posted.length,
    received: received.length,
    lost: posted.filter(name => !times.has(name)),
    twice: [...times].filter(([, count]) => count > 1).map(([name]) => name),
    disordered,
  }
}
