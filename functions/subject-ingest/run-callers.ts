import { bounded } from '../../shared/bounded.ts'
import type { Lineage } from '../../shared/lineage.ts'
import { limiter } from '../../shared/rate.ts'
import { type Refusal, retryAfter, unauthorized } from '../../shared/refusal.ts'
import { isGood, type RunToken, type RunTokens, runOf } from '../../shared/run-tokens.ts'
import { givenToken } from '../../shared/token.ts'
import type { Token } from '../../shared/tokens.ts'

/** Who posts: its name, and what it may publish on. What a run posts carries what that came of. */
export type Caller = Pick<Token, 'name' | 'publish'> & { lineage?: Lineage }

/** Who is calling with the token of a run, or why nobody is. */
export type RunCallers = { of(authorization: string | undefined): Promise<Caller | Refusal> }

/** For so many milliseconds what is known of a run is taken to stand. */
const fresh = 2_000
/** Lookups a second of runs that nobody knows of: whoever guesses shall not load NATS. */
const guesses = 100
const most = { asked: 1_000, runs: 10_000 }

/** Asks for the tokens of runs, and only where a token has the form of one. `now` in Unix milliseconds. */
export function runCallers(find: RunTokens['find'], now: () => number): RunCallers {
  const asked = bounded<{ at: number; kept: Promise<RunToken | undefined> }>(most.asked)
  const runs = bounded<true>(most.runs)
  const limit = limiter({ rate: guesses, burst: guesses })

  function keptOf(uid: string): Promise<RunToken | undefined> | 'busy' {
    const time = now()
    const last = asked.get(uid)
    if (last && time - last.at < fresh) return last.kept
    if (!runs.get(uid)) {
      if (limit.wait('', time) > 0) return 'busy'
      limit.charge('', 1, time)
    }
    const kept = find(uid)
    asked.set(uid, { at: time, kept })
    kept.then(
      found => found && runs.set(uid, true),
      () => asked.delete(uid),
    )
    return kept
  }

  return {
    async of(authorization) {
      const given = givenToken(authorization)
      const uid = given && runOf(given)
      if (!uid) return unauthorized
      const asking = keptOf(uid)
      if (asking === 'busy') return later('Too many tokens of runs that nobody knows are asked about')
      let kept: RunToken | undefined
      try {
        kept = await asking
      } catch {
        return later('Cannot ask whether the token is good, NATS does not answer')
      }
      if (!kept || !isGood(given, kept, now())) return unauthorized
      return { name: `run:${kept.namespace}/${kept.name}`, publish: kept.publish, lineage: kept.lineage }
    },
  }
}

const later = (why: string): Refusal => ({
  status: 503,
  message: `${why}: send it again later`,
  head: retryAfter(1_000),
})
