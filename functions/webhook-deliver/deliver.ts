import { type Delivery, isDelivery } from '../../shared/delivery.ts'
import type { OpsEvent } from '../../shared/event.ts'
import { type HookSet, oncePerSet } from '../../shared/hookset.ts'
import { type Log, messageOf } from '../../shared/log.ts'
import { drop, type Outcome, retry } from '../../shared/outcome.ts'
import type { Tally } from '../../shared/tally.ts'
import { destinationsOf, type Opened } from './destination.ts'
import { inLanes } from './lanes.ts'
import { gathering } from './remember.ts'
import { circuitOf, type Road, send } from './send.ts'
import type { Starting } from './tasks/open.ts'
import type { Starter } from './tasks/start.ts'

/** What delivering needs. `sent` and `remember` may forget. */
export type World = Hands & {
  hooks(): Promise<HookSet>
  /** Opens a seal. @throws Error */
  open(sealed: string, about: string): string
  /** Why nothing is sent to a URL, or undefined when it may be. */
  urlProblem(url: URL): string | undefined
  sent(keys: string[]): Promise<boolean[]>
  remember(keys: string[]): Promise<unknown>
  /** Milliseconds after which a batch begins no further send. */
  patience: number
  log: Log
}
type Hands = Road & Starter

type Work = { at: number; delivery: Delivery; to: Opened | Starting }

/** How many receivers' answers a batch waits for at once. */
const most = 16

/**
 * Sends deliveries: those of one hook about one object in their order, all others at once, or many in one request
 * where the receiver takes that. None waits behind one that failed. What was sent is remembered when its receiver has
 * said so, and not sent again when the delivery comes twice.
 */
export function deliver(world: World): (events: OpsEvent[]) => Promise<Outcome[]> {
  const findIn = oncePerSet(set => destinationsOf(set, world))

  async function addressed(event: OpsEvent, at: number, find: ReturnType<typeof findIn>) {
    if (!isDelivery(event)) {
      return drop('It is no delivery: it needs the extensions "hook", "hookrevision" and "deliveryid"')
    }
    try {
      const to = await find(event.hook)
      return 'problem' in to ? drop(to.problem) : { at, delivery: event, to }
    } catch (error) {
      return failed(event, error)
    }
  }

  function failed({ hook, deliveryid }: Delivery, error: unknown): Outcome {
    world.log.error({ err: messageOf(error), hook, id: deliveryid }, 'Cannot deliver')
    return retry('webhook-deliver failed, its log says why')
  }

  async function sendAll(parcel: Work[]): Promise<Outcome[]> {
    const [first] = parcel
    const deliveries = parcel.map(({ delivery }) => delivery)
    try {
      if (!first) return []
      const { to } = first
      return 'task' in to ? [await to.start(first.delivery, world)] : await send(deliveries, to, world)
    } catch (error) {
      return deliveries.map(delivery => failed(delivery, error))
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
    const addressedAll: (Work | Outcome)[] = await Promise.all(
      events.map((event, at) => addressed(event, at, find)),
    )
    const work = addressedAll.filter(one => 'to' in one)
    const [sent] = await Promise.all([
      world.sent(work.map(({ delivery }) => keyOf(delivery))),
      world.circuits.learn([...new Set(work.flatMap(({ to }) => ('task' in to ? [] : circuitOf(to))))]),
    ])
    const outcomes = new Map<number, Outcome>()
    for (const [index, { at, delivery }] of work.entries())
      if (sent[index]) outcomes.set(at, { kind: 'done', tally: tallyOf(delivery), recalled: true })

    const finished = gathering(world.remember)
    const parcels = parcelsOf(work.filter(({ at }) => !outcomes.has(at)))
    await inLanes(parcels, { laneOf, most }, async parcel => {
      const late = world.now() - begun >= world.patience
      const whole = late ? [] : await sendAll(parcel)
      for (const [index, { at, delivery }] of parcel.entries()) {
        const outcome = whole[index] ?? retry('Its batch took too long', { attempted: false })
        outcomes.set(at, outcome.kind === 'done' ? delivered(delivery) : outcome)
        if (outcome.kind === 'done') finished.add(keyOf(delivery))
      }
    })
    await finished.end()
    return addressedAll.map((one, at) =>
      'to' in one ? (outcomes.get(at) ?? retry('webhook-deliver did not come to it')) : one,
    )
  }
}

/** What goes out in one request each: one delivery, or all of a hook whose receiver takes many. */
function parcelsOf(work: Work[]): Work[][] {
  const groups = Map.groupBy(work, one => (takesMany(one.to) ? one.to.hook.id : one.at))
  return [...groups.values()]
}

const takesMany = (to: Work['to']) => 'sink' in to && to.sink.many !== undefined

const laneOf = ([first]: Work[]) =>
  first && takesMany(first.to) ? first.to.hook.id : `${first?.delivery.hook} ${first?.delivery.subject}`

const delivered = (delivery: Delivery): Outcome => ({ kind: 'done', tally: tallyOf(delivery) })
/** It has arrived, now or when it was sent before. */
const tallyOf = ({ hook }: Delivery): Tally => ({ [hook]: { delivered: 1 } })

// Who replays a dead letter wants it sent once more, and once only.
const keyOf = ({ deliveryid, replayid }: Delivery) =>
  `ops-events:sent:${deliveryid}${replayid === undefined ? '' : `:${replayid}`}`
