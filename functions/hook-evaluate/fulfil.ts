import { type Message, PublishError } from '../../shared/adapters/publisher.ts'
import type { OpsEvent } from '../../shared/event.ts'
import type { CompiledHook } from '../../shared/hookset.ts'
import { messageOf as saidBy } from '../../shared/log.ts'
import { done, drop, type Outcome, retry } from '../../shared/outcome.ts'
import type { Counted } from '../../shared/tally.ts'
import type { Case, Fate } from './cases.ts'
import { type Extra, messageOf } from './message.ts'
import { extraOf, keyOf, type Troubles } from './raised.ts'
import { type Note, noteOf } from './silenced.ts'
import { endMessage, nameOf, untilOf } from './window-end.ts'
import type { Deed, Window } from './windows/windows.ts'

/** What doing needs of the world. `publish` rejects with a PublishError. */
export type Doing = {
  publish(message: Message): Promise<unknown>
  troubles: Troubles
  now(): Date
}

/** What was done about a case, and as what it counts unless it comes again. */
export type Done = { outcome: Outcome; counted: Counted }

/** Does what becomes of cases: the lasting thing first. What is to be remembered afterwards is collected. */
export function fulfilling(world: Doing) {
  const deeds: Deed[] = []
  const notes: Note[] = []
  // Of many that one window holds the first makes the message about its end.
  const ends = new Map<string, Promise<Outcome>>()

  async function fulfil(one: Case): Promise<Done> {
    const { hook, event, fate } = one
    switch (fate.kind) {
      case 'suspended':
      case 'threshold':
        return { outcome: done, counted: fate.kind }
      case 'silenced':
        notes.push(noteOf(fate.silence, hook, event, world.now()))
        return { outcome: done, counted: 'silenced' }
      case 'held':
        return hold(one, fate)
      case 'goes':
        return go(one, fate)
      case 'resolved': {
        const { resolution } = fate
        return send(one, extraOf(resolution), async () => {
          const { window } = resolution.raised
          if (window !== undefined) deeds.push({ kind: 'over', key: window })
          await world.troubles.close(keyOf(hook, resolution.trouble), resolution, one.key)
        })
      }
      case 'told':
        return send(one, fate.extra, async () =>
          deeds.push({ kind: 'told', window: fate.window, by: one.key }),
        )
      case 'asks':
        throw new TypeError(`Nobody judged an event at hook "${hook.id}"`)
    }
  }

  async function go(one: Case, { extra, owns }: Extract<Fate, { kind: 'goes' }>): Promise<Done> {
    const { hook, event, key, turn } = one
    const sent = await send(one, extra, async id => {
      if (owns !== undefined) deeds.push({ kind: 'went', event: key, key: owns })
      if (!hook.resolve || hook.type === 'event') return
      const since = event.time ?? world.now().toISOString()
      const raised = { deliveryid: id, since, ...(owns !== undefined && { window: owns }) }
      await Promise.all((turn?.raises ?? []).map(name => world.troubles.open(keyOf(hook, name), raised)))
    })
    if (sent.counted === 'refused') deeds.push({ kind: 'freed', event: key, hook: hook.id, key: owns ?? '' })
    return sent
  }

  async function hold(
    one: Case,
    { window, scheduled }: { window: Window; scheduled: boolean },
  ): Promise<Done> {
    const counted = window.kind
    if (scheduled) return { outcome: done, counted }
    const { hook, event } = one
    const end = { hook: hook.id, window, until: untilOf(hook, window), event }
    const name = nameOf(end)
    const scheduling =
      ends.get(name) ??
      published(hook, endMessage(end, world.now().getTime())).then(outcome => {
        if (outcome.kind === 'done') deeds.push({ kind: 'scheduled', window })
        return outcome
      })
    ends.set(name, scheduling)
    const outcome = await scheduling
    return { outcome, counted: outcome.kind === 'drop' ? 'refused' : counted }
  }

  /** Sends what a hook makes of an event; `afterwards` is done when that lasts, and keeps the event when it fails. */
  async function send(
    { hook, event }: { hook: CompiledHook; event: OpsEvent },
    extra: Extra | undefined,
    afterwards: (id: string) => Promise<unknown>,
  ): Promise<Done> {
    const counted = hook.type === 'event' ? 'republished' : 'queued'
    const made = messageOf(hook, event, () => world.now().toISOString(), extra)
    if ('problem' in made) return { outcome: drop(`Hook "${hook.id}": ${made.problem}`), counted: 'refused' }
    const outcome = await published(hook, made.message)
    if (outcome.kind !== 'done') return { outcome, counted: outcome.kind === 'drop' ? 'refused' : counted }
    try {
      await afterwards(made.id)
      return { outcome, counted }
    } catch (error) {
      const reason = `Hook "${hook.id}": sent, but that cannot be remembered: ${saidBy(error)}`
      return { outcome: retry(reason), counted }
    }
  }

  async function published(hook: CompiledHook, message: Message): Promise<Outcome> {
    try {
      await world.publish(message)
      return done
    } catch (error) {
      if (!(error instanceof PublishError)) throw error
      const reason = `Hook "${hook.id}": ${error.message}`
      return error.kind === 'refused' ? drop(reason) : retry(reason)
    }
  }

  return { fulfil, deeds, notes }
}
