import { turnOf } from '../../shared/counter-events.ts'
import type { OpsEvent } from '../../shared/event.ts'
import { type HookSet, oncePerSet } from '../../shared/hookset.ts'
import { idOf } from '../../shared/id.ts'
import { type Log, messageOf as saidBy } from '../../shared/log.ts'
import { done, type Outcome, retry } from '../../shared/outcome.ts'
import { type Silence, silencing } from '../../shared/silence.ts'
import { memoOf, outcomeBy, outcomeOf } from './account.ts'
import { outcomeWithoutHooks } from './admission.ts'
import { type Case, casesOf, fateBy, type Pending, type Silenced, withResolutions } from './cases.ts'
import { endOfWindow } from './end-of-window.ts'
import { explain, explainFate } from './explain.ts'
import { type Doing, fulfilling } from './fulfil.ts'
import { resolutionsOf, runsOf } from './raised.ts'
import { type Rules, rulesOf } from './rules.ts'
import type { Note } from './silenced.ts'
import { isWindowEnd } from './window-end.ts'
import type { Windows } from './windows/windows.ts'

/** What evaluating needs. `recall`, `remember`, `note` and the windows may forget. */
export type World = Doing & {
  hooks(): Promise<HookSet>
  silences(): Promise<Silence[]>
  /** What was remembered of each key. */
  recall(keys: string[]): Promise<(string | undefined)[]>
  remember(entries: [key: string, memo: string][]): Promise<unknown>
  windows: Windows
  /** Keeps what was silenced for people to look at. */
  note(notes: Note[]): Promise<unknown>
  timeZone: string
  /** Whether each judgement is logged with its reason. */
  explains: boolean
  log: Log
}

/** What becomes of an event at each hook, or already in all. */
type Judged = { cases: Case[] } | { outcome: Outcome }

/**
 * Judges events by the hooks in force and sends on what the hooks that fire make of them. All publishes of a batch
 * fly at once, in the order of its events; an event is answered when all of its own are acknowledged.
 */
export function evaluate(world: World): (events: OpsEvent[]) => Promise<Outcome[]> {
  const rulesIn = oncePerSet((set, before: Rules | undefined) => {
    const rules = rulesOf(set, before)
    for (const { id, because } of rules.engine.refused)
      world.log.warn({ hook: id, because }, 'Hook is left out')
    return rules
  })

  async function silencedNow(): Promise<Silenced | undefined> {
    try {
      const silences = await world.silences()
      return silences.length > 0 ? silencing(silences, world.now().getTime()) : undefined
    } catch (error) {
      world.log.warn({ err: saidBy(error) }, 'Cannot ask for silences: nothing is silenced')
      return undefined
    }
  }

  /** By the hooks' subjects, keywords and filters, by silences, and by the troubles that were told. */
  async function judge(pending: Pending, rules: Rules, silenced: Silenced | undefined): Promise<Judged> {
    const { event, turn } = pending
    if (isWindowEnd(event)) return endOfWindow(pending, rules, silenced, world)
    const outcome = outcomeWithoutHooks(event)
    if (outcome) return { outcome }
    if (world.explains) explain(event, rules.engine, world)
    const cases = casesOf(pending, rules, silenced, world.timeZone)
    if (!turn || turn.ends.length === 0) return { cases }
    const hooks = rules.resolving?.matches(event.subject ?? '') ?? []
    const resolutions = await resolutionsOf(world.troubles, hooks, pending)
    return { cases: withResolutions(pending, cases, resolutions) }
  }

  /** By the windows, all of them in one question. */
  async function askWindows(cases: Case[]): Promise<void> {
    const asking = cases.flatMap(one =>
      one.fate.kind === 'asks' ? [{ one, request: one.fate.request }] : [],
    )
    if (asking.length === 0) return
    const verdicts = await world.windows.judge(
      asking.map(({ request }) => request),
      world.now().getTime(),
    )
    for (const [at, { one, request }] of asking.entries()) {
      const verdict = verdicts[at]
      if (verdict) one.fate = fateBy(verdict, request)
    }
  }

  async function settle(run: Pending[], rules: Rules, silenced: Silenced | undefined): Promise<Outcome[]> {
    const judged = await Promise.all(run.map(one => orRetry(one, () => judge(one, rules, silenced))))
    const cases = judged.flatMap(one => ('cases' in one ? one.cases : []))
    await askWindows(cases)
    if (world.explains) for (const one of cases) explainFate(one, world.log)

    const { fulfil, deeds, notes } = fulfilling(world)
    // Nothing waits between two events here: what one object's events make goes out in their order. Where one of them
    // fails and comes again it is late: that is told by its time, and holding all others back would cost more.
    const all = judged.map(async (one, at) => {
      if ('outcome' in one) return one
      if (one.cases.length === 0) return { outcome: done }
      const work = async () => ({ outcome: outcomeOf(one.cases, await Promise.all(one.cases.map(fulfil))) })
      return orRetry(run[at], work)
    })
    const settled = await Promise.all(all)
    await Promise.all([
      deeds.length > 0 && world.windows.settle(deeds, world.now().getTime()),
      notes.length > 0 && world.note(notes),
    ])
    return settled.map(({ outcome }) => outcome)
  }

  async function orRetry<T>(
    pending: Pending | undefined,
    work: () => Promise<T>,
  ): Promise<T | { outcome: Outcome }> {
    try {
      return await work()
    } catch (error) {
      const { id, subject } = pending?.event ?? {}
      world.log.error({ err: saidBy(error), id, subject }, 'Cannot judge an event')
      return { outcome: retry('hook-evaluate failed, its log says why') }
    }
  }

  return async events => {
    let rules: Rules
    try {
      rules = rulesIn(await world.hooks())
    } catch (error) {
      world.log.warn({ err: saidBy(error) }, 'No hooks to judge by')
      return events.map(() => retry(`No hooks to judge by: ${saidBy(error)}`, { attempted: false }))
    }
    const keys = events.map(keyOf)
    const [memos, silenced] = await Promise.all([world.recall(keys), silencedNow()])
    const fresh = events.flatMap((event, at) => (memos[at] === undefined ? [pendingOf(event, at)] : []))
    const outcomes = events.map((_, at) => outcomeBy(memos[at]))
    for (const run of runsOf(fresh)) {
      const settled = await settle(run, rules, silenced)
      await world.remember(memosOf(run, settled))
      for (const [index, { at }] of run.entries()) outcomes[at] = settled[index] ?? retry('no verdict')
    }
    return outcomes

    function pendingOf(event: OpsEvent, at: number): Pending {
      const isWanted = rules.resolving?.any(event.subject ?? '') ?? false
      return { event, key: keys[at] ?? '', at, turn: isWanted ? turnOf(event) : undefined }
    }
  }
}

/** What to remember of those that are done. Most events fire nothing, and judging such a one again costs less. */
const memosOf = (run: Pending[], outcomes: Outcome[]): [string, string][] =>
  run.flatMap(({ key, event, turn }, at): [string, string][] => {
    const outcome = outcomes[at]
    if (outcome?.kind !== 'done') return []
    // What came of a window or a trouble once may be something else the next time.
    return outcome.tally || turn || isWindowEnd(event) ? [[key, memoOf(outcome)]] : []
  })

const keyOf = (event: OpsEvent) => `ops-events:judged:${idOf(event.subject ?? '', event.source, event.id)}`
