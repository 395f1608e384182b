import { type Message, PublishError } from '../../shared/adapters/publisher.ts'
import type { OpsEvent } from '../../shared/event.ts'
import { type CompiledHook, type HookSet, oncePerSet } from '../../shared/hookset.ts'
import { idOf } from '../../shared/id.ts'
import { type Log, messageOf as saidBy } from '../../shared/log.ts'
import { done, drop, type Outcome, retry } from '../../shared/outcome.ts'
import { readableText } from '../../shared/readable.ts'
import { subjectMatches } from '../../shared/subject.ts'
import { outcomeWithoutHooks } from './admission.ts'
import { type Engine, engineOf } from './engine.ts'
import { viaOf } from './lineage.ts'
import { messageOf } from './message.ts'

/** What evaluating needs. `seen` and `remember` may forget; `publish` rejects with a PublishError. */
export type World = {
  hooks(): Promise<HookSet>
  publish(message: Message): Promise<unknown>
  seen(keys: string[]): Promise<boolean[]>
  remember(keys: string[]): Promise<unknown>
  now(): Date
  timeZone: string
  /** Whether each judgement is logged with its reason. */
  explains: boolean
  log: Log
}

/**
 * Judges events by the hooks in force and sends on what the hooks that fire make of them. All publishes of a batch
 * fly at once, in the order of its events; an event is answered when all of its own are acknowledged.
 */
export function evaluate(world: World): (events: OpsEvent[]) => Promise<Outcome[]> {
  const engineIn = oncePerSet((set, before: Engine<CompiledHook> | undefined) => {
    const engine = engineOf(set.hooks, before)
    for (const { id, because } of engine.refused) world.log.warn({ hook: id, because }, 'Hook is left out')
    return engine
  })

  async function settle(event: OpsEvent, engine: Engine<CompiledHook>): Promise<Outcome> {
    try {
      const settled = outcomeWithoutHooks(event)
      if (settled) return settled
      const hooks = firing(event, event.subject ?? '', engine)
      return worst(await Promise.all(hooks.map(hook => send(hook, event))))
    } catch (error) {
      world.log.error({ err: saidBy(error), id: event.id, subject: event.subject }, 'Cannot judge an event')
      return retry('hook-evaluate failed, its log says why')
    }
  }

  function firing(event: OpsEvent, subject: string, engine: Engine<CompiledHook>): CompiledHook[] {
    let text: string | undefined
    const textOf = () => {
      text ??= readableText(event, world.timeZone)
      return text
    }
    if (world.explains) explain(event, subject, engine, textOf())
    const via = viaOf(event)
    return engine
      .firing(subject, textOf)
      .map(({ hook }) => hook)
      .filter(({ id }) => !via.includes(id))
  }

  function explain(event: OpsEvent, subject: string, engine: Engine<CompiledHook>, text: string): void {
    const via = viaOf(event)
    for (const { hook, verdict } of engine.explain(subject, text)) {
      if (!subjectMatches(hook.subject, subject)) continue
      const judged = via.includes(hook.id) ? { fires: false, because: 'it descends from this hook' } : verdict
      world.log.debug({ id: event.id, subject, hook: hook.id, ...judged }, 'Judged')
    }
  }

  async function send(hook: CompiledHook, event: OpsEvent): Promise<Outcome> {
    const made = messageOf(hook, event, () => world.now().toISOString())
    if ('problem' in made) return drop(`Hook "${hook.id}": ${made.problem}`)
    try {
      await world.publish(made.message)
      return done
    } catch (error) {
      if (!(error instanceof PublishError)) throw error
      const reason = `Hook "${hook.id}": ${error.message}`
      return error.kind === 'refused' ? drop(reason) : retry(reason)
    }
  }

  return async events => {
    let engine: Engine<CompiledHook>
    try {
      engine = engineIn(await world.hooks())
    } catch (error) {
      world.log.warn({ err: saidBy(error) }, 'No hooks to judge by')
      return events.map(() => retry(`No hooks to judge by: ${saidBy(error)}`, { attempted: false }))
    }
    const keys = events.map(keyOf)
    const seen = await world.seen(keys)
    // Nothing waits between two events here: what one object's events make goes out in their order. Where one of them
    // fails and comes again it is late: that is told by its time, and holding all others back would cost more.
    const outcomes = await Promise.all(events.map((event, at) => (seen[at] ? done : settle(event, engine))))
    await world.remember(keys.filter((_, at) => !seen[at] && outcomes[at]?.kind === 'done'))
    return outcomes
  }
}

const keyOf = (event: OpsEvent) => `ops-events:judged:${idOf(event.subject ?? '', event.source, event.id)}`

/** What is still to do wins over what cannot be done. */
function worst(outcomes: Outcome[]): Outcome {
  const again = outcomes.find(outcome => outcome.kind === 'retry')
  if (again) return again
  const reasons = outcomes.flatMap(outcome => (outcome.kind === 'drop' ? [outcome.reason] : []))
  return reasons.length > 0 ? drop(reasons.join('; ')) : done
}
