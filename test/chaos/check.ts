/** What the poster wrote down: `accepted` once ingest had answered 200, `unknown` when it never did. */
export type Posted = { n: number; matches: boolean; accepted: boolean }

/** What the sink wrote down, a line for each request it got. */
export type Received = { n: number; hook: string; webhookId: string; eventId: string }

/** What two ledgers say together. Every list but `repeats` has to be empty. */
export type Findings = {
  accepted: number
  expected: number
  received: number
  repeats: number
  /** `n hook` of accepted events that match and never arrived. */
  missing: string[]
  /** Deliveries of events that nobody posted, or that the hook does not match. */
  invented: string[]
  /** The same event and hook under several webhook-ids, or one id for several. */
  confused: string[]
}

/** Compares the ledgers: every event that `matches` has to arrive once at least by each of `hooks`. */
export function check(posted: Posted[], received: Received[], hooks: string[]): Findings {
  const known = new Map(posted.map(line => [line.n, line]))
  const idsOf = new Map<string, Set<string>>()
  const whatOf = new Map<string, Set<string>>()
  const invented: string[] = []
  for (const line of received) {
    const what = `${line.n} ${line.hook}`
    if (!known.get(line.n)?.matches || !hooks.includes(line.hook)) invented.push(what)
    collect(idsOf, what, line.webhookId)
    collect(whatOf, line.webhookId, what)
  }
  const accepted = posted.filter(line => line.accepted)
  const wanted = accepted.filter(line => line.matches).flatMap(line => hooks.map(hook => `${line.n} ${hook}`))
  return {
    accepted: accepted.length,
    expected: wanted.length,
    received: received.length,
    repeats: received.length - idsOf.size,
    missing: wanted.filter(what => !idsOf.has(what)),
    invented,
    confused: [...several(idsOf), ...several(whatOf)],
  }
}

function collect(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key) ?? new Set()
  sets.set(key, set.add(value))
}

function several(sets: Map<string, Set<string>>): string[] {
  return [...sets].filter(([, set]) => set.size > 1).map(([key, set]) => `${key}: ${[...set].join(', ')}`)
}
