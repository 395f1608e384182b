import { jsonAs } from '../../shared/json.ts'
import { done, type Outcome } from '../../shared/outcome.ts'
import { Tally } from '../../shared/tally.ts'
import type { Case } from './cases.ts'
import type { Done } from './fulfil.ts'

/** What became of one event, from what was done about it at each hook: what is still to do wins over what cannot be done. */
export function outcomeOf(cases: Case[], all: Done[]): Outcome {
  if (cases.length === 0) return done
  const again = all.find(({ outcome }) => outcome.kind === 'retry')
  if (again) return again.outcome
  const tally: Tally = {}
  for (const [at, { hook, counts }] of cases.entries()) {
    const counted = all[at]?.counted
    if (!counted) continue
    tally[hook.id] ??= {}
    const row = tally[hook.id] ?? {}
    for (const name of [counts, counted]) row[name] = (row[name] ?? 0) + 1
  }
  const reasons = all.flatMap(({ outcome }) => (outcome.kind === 'drop' ? [outcome.reason] : []))
  return reasons.length > 0 ? { kind: 'drop', reason: reasons.join('; '), tally } : counting(tally)
}

/** What is remembered of an event that is done: what it came to, should it come again. */
export const memoOf = (outcome: Outcome): string =>
  outcome.kind === 'done' && outcome.tally ? JSON.stringify(outcome.tally) : nothing

/** The outcome of an event of which this is remembered. */
export function outcomeBy(memo: string | undefined): Outcome {
  if (memo === undefined || memo === nothing) return done
  const tally = jsonAs(Tally, memo)
  return tally && Object.keys(tally).length > 0 ? { kind: 'done', tally, recalled: true } : done
}

const nothing = '{}'

const counting = (tally: Tally): Outcome => (Object.keys(tally).length > 0 ? { kind: 'done', tally } : done)
