import { type HttpAnswer, NoAnswer } from '../../shared/adapters/http.ts'
import { type Delivery, isDelivery } from '../../shared/delivery.ts'
import type { OpsEvent } from '../../shared/event.ts'
import { type HookSet, oncePerSet } from '../../shared/hookset.ts'
import { type Log, messageOf } from '../../shared/log.ts'
import { done, drop, type Outcome, retry } from '../../shared/outcome.ts'
import { readableText } from '../../shared/readable.ts'
import { outcomeOf } from './answer.ts'
import { destinationsOf, type Opened } from './destination.ts'
import { inLanes } from './lanes.ts'
import { gathering } from './remember.ts'
import { requestOf } from './request.ts'

/** What delivering needs. `sent` and `remember` may forget; `post` rejects with NoAnswer. */
export type World = {
  hooks(): Promise<HookSet>
  /** Opens a seal. @throws Error */
  open(sealed: string, about: string): string
  post(url: URL, request: { headers: Record<string, string>; body: string | Buffer }): Promise<HttpAnswer>
  sent(keys: string[]): Promise<boolean[]>
  remember(keys: string[]): Promise<unknown>
  /** Unix milliseconds. */
  now(): number
  timeZone: string
  /** Whether a receiver may be on this machine. */
  loopback: boolean
  /** Milliseconds after which a batch begins no further send. */
  patience: number
  log: Log
}

/** How many receivers' answers a batch waits for at once. */
const most = 16

/**
 * Sends deliveries: those of one hook about one object in their order, all others at once. None waits behind one that
 * failed. What was sent is remembered when its receiver has said so, and not sent again when the delivery comes twice.
 */
export function deliver(world: World): (events: OpsEvent[]) => Promise<Outcome[]> {
  const findIn = oncePerSet(set => destinationsOf(set, world))

  async function settle(event: OpsEvent, find: ReturnType<typeof findIn>): Promise<Outcome> {
    if (!isDelivery(event)) {
      return drop('It is no delivery: it needs the extensions "hook", "hookrevision" and "deliveryid"')
    }
    try {
      const opened = find(event.hook)
      return 'problem' in opened ? drop(opened.problem) : await send(event, opened)
    } catch (error) {
      world.log.error({ err: messageOf(error), hook: event.hook, id: event.deliveryid }, 'Cannot deliver')
      return retry('webhook-deliver failed, its log says why')
    }
  }

  async function send(event: Delivery, to: Opened): Promise<Outcome> {
    const now = world.now()
    const request = requestOf(event, to, { now, text: shown => readableText(shown, world.timeZone) })
    if ('problem' in request) return drop(`Hook "${event.hook}": ${request.problem}`)
    try {
      const { url, ...rest } = request
      return outcomeOf(await world.post(url, rest), { sink: to.sink, url, now })
    } catch (error) {
      if (error instanceof NoAnswer) return retry(error.message)
      throw error
    }
  }

  return async events => {
    const begun = world.now()
    let find: ReturnType<typeof findIn>
    try {
      find = findIn(await world.hooks())
    } catch (error) {
      world.log.warn({ err: messageOf(error) }, 'No hooks to deliver for')
      return events.map(() => retry(`No hooks to deliver for: ${messageOf(error)}`, { attempted: false }))
    }
    const sent = await world.sent(events.map(keyOf))
    const finished = gathering(world.remember)
    const outcomes = await inLanes(events, { laneOf, most }, async (event, at) => {
      if (sent[at]) return done
      if (world.now() - begun >= world.patience) return retry('Its batch took too long', { attempted: false })
      const outcome = await settle(event, find)
      if (outcome.kind === 'done') finished.add(keyOf(event))
      return outcome
    })
    await finished.end()
    return outcomes
  }
}

const keyOf = (event: OpsEvent) => `ops-events:sent:${event.deliveryid}`
const laneOf = (event: OpsEvent) => `${event.hook} ${event.subject}`
