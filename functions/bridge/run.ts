import { setTimeout as pause } from 'node:timers/promises'
import { openSender } from '../../shared/adapters/http.ts'
import { managerOf } from '../../shared/adapters/jetstream.ts'
import { type Holder, type Lease, openLease } from '../../shared/adapters/lease.ts'
import type { Nats } from '../../shared/adapters/nats.ts'
import type { Message, Publisher } from '../../shared/adapters/publisher.ts'
import type { Pulled } from '../../shared/adapters/pull.ts'
import { described } from '../../shared/described.ts'
import { ownSource } from '../../shared/event.ts'
import { eventMessage } from '../../shared/event-message.ts'
import { idOf } from '../../shared/id.ts'
import { type Log, messageOf } from '../../shared/log.ts'
import { retry } from '../../shared/outcome.ts'
import { resourceSubject } from '../../shared/subject.ts'
import type { Sent } from './answer.ts'
import { ensureConsumers, ensureSiding, handedOutAgain, sidingConsumer } from './consumers.ts'
import type { Gap } from './gaps.ts'
import type { Item } from './item.ts'
import { type Lag, watchLag } from './lag.ts'
import type { Ledger } from './ledger/open.ts'
import type { Counts } from './metrics.ts'
import { send } from './send.ts'
import { type Running, runTrigger } from './trigger.ts'
import { mostRequests, type Trigger } from './triggers.ts'

/** What the triggers share. */
export type Shared = {
  nats: Nats
  publisher: Publisher
  token: string
  /** Which replica this is: the holder of leases. */
  me: string
  /** The subject on which a loss is told. */
  lossSubject: string
  /** Resolves when it is known what the hooks cover: until then nothing is known to be uncovered. */
  compiled: Promise<void>
  covered(subject: string): boolean
  /** Counts what becomes of events, where that is wanted. */
  ledger?: Ledger
  quiet(subject: string): boolean
  /** How often each trigger's lag is looked at, in milliseconds; every 5 s unless told. */
  looksEvery?: number
  log: Log
}

/** A trigger that is kept going; `ready` once its consumers are there. */
export type Keeper = { ready: Promise<void>; stop(): Promise<void> }

/** Keeps a trigger going, as soon as and as long as this replica may; `stop` drains it. */
export function keep(trigger: Trigger, counts: Counts, shared: Shared): Keeper {
  const { nats, log } = shared
  const sender = openSender({
    timeout: trigger.delivery.timeout,
    connectTimeout: Math.min(trigger.delivery.timeout, 10_000),
    connections: mostRequests(trigger),
    mostBytes: 1024 * 1024,
  })
  let running: Running | undefined
  let lease: Lease | undefined
  let lag: Lag | undefined
  const books = shared.ledger?.booksOf(trigger)
  let mending: Promise<void> | undefined
  let stopped = false

  async function lookAfter(reason: string): Promise<void> {
    log.warn(
      { trigger: trigger.name, reason },
      'A consumer does not answer, looking after all of the trigger',
    )
    await ensureConsumers(await nats.opened, trigger, lag?.floor() ?? 0, log).catch(error =>
      log.warn({ trigger: trigger.name, err: messageOf(error) }, 'Cannot make the consumers'),
    )
    await pause(500)
  }

  const start = (mayGo: () => boolean, unrest = 0) => {
    const world = {
      nats,
      counts,
      books,
      log,
      mayGo,
      handedOut: () => handedOut(trigger, shared),
      waiting: (stream: string, filter: string) => waiting(stream, filter, shared),
      async siding(key: string) {
        await ensureSiding(await nats.opened, trigger, key, log).catch(error =>
          log.warn({ trigger: trigger.name, err: messageOf(error) }, 'Cannot make the consumer of a siding'),
        )
        return sidingConsumer(trigger.name, key)
      },
      saw: (pulled: Pulled) => lag?.saw(pulled),
      covered: shared.covered,
      quiet: shared.quiet,
      publish: (message: Message) => shared.publisher.publish(message),
      async send(which: Trigger, items: Item[]): Promise<Sent> {
        if (!mayGo()) return fenced
        return send(which, items, { token: shared.token, wall: Date.now, post: sender.post })
      },
      // All pulls of the trigger notice at once, and one look is for all of them.
      mend(reason: string): Promise<void> {
        mending ??= lookAfter(reason).finally(() => {
          mending = undefined
        })
        return mending
      },
      now: () => performance.now(),
      wall: Date.now,
      random: Math.random,
    }
    return runTrigger(trigger, world, unrest)
  }

  const holder: Holder = {
    // An event that nobody settles is given out again after this.
    lingers: handedOutAgain,
    gained(unrest) {
      running = start(() => lease?.held() ?? false, unrest)
    },
    lost() {
      running?.abandon()
      running = undefined
    },
  }

  async function begin(): Promise<void> {
    if (trigger.covers === 'hooks') await shared.compiled
    await consumersOf(trigger, shared, () => stopped)
    await books?.ready
    if (stopped) return
    // Of the replicas of an ordered trigger the one that holds it tells.
    const lost = (gap: Gap) => (lease?.held() ?? true) && void tellLoss(trigger, gap, counts, shared)
    lag = watchLag(nats, trigger, { counts, lost, log }, shared.looksEvery)
    await lag.ready
    if (stopped) return
    if (trigger.ordered) lease = openLease(nats, trigger.name, shared.me, holder, log)
    else running = start(() => true)
  }

  return {
    ready: begin(),
    async stop() {
      stopped = true
      lag?.stop()
      await running?.stop()
      books?.stop()
      await lease?.stop()
      // A call that hangs would hold this up as long as it may last.
      void sender.close()
    },
  }
}

/** Nothing was tried, since another replica may be at it. */
const fenced: Sent = {
  kind: 'whole',
  outcome: retry('the lease is in doubt', { attempted: false }),
  suspect: 'never',
}

async function handedOut(
  trigger: Trigger,
  { nats, log }: Shared,
): Promise<{ pending: number; waiting: number } | undefined> {
  try {
    const jsm = await managerOf(await nats.opened)
    const { num_ack_pending, num_waiting } = await jsm.consumers.info(trigger.stream, trigger.name)
    return { pending: num_ack_pending, waiting: num_waiting }
  } catch (error) {
    log.warn({ trigger: trigger.name, err: messageOf(error) }, 'Cannot look at what was handed out')
    return undefined
  }
}

async function waiting(
  stream: string,
  filter: string,
  { nats, log }: Shared,
): Promise<Map<string, number> | undefined> {
  try {
    const jsm = await managerOf(await nats.opened)
    // Servers tell at most 100,000 subjects at once, and the client asks for the others.
    const { state } = await jsm.streams.info(stream, { subjects_filter: filter })
    return new Map(Object.entries(state.subjects ?? {}))
  } catch (error) {
    log.warn({ stream, err: messageOf(error) }, 'Cannot look at what waits')
    return undefined
  }
}

/** A trigger that cannot be set up holds up no other: it is told, and tried again. */
async function consumersOf(trigger: Trigger, { nats, log }: Shared, stopped: () => boolean): Promise<void> {
  while (!stopped()) {
    try {
      return await ensureConsumers(await nats.opened, trigger, 0, log)
    } catch (error) {
      log.error({ trigger: trigger.name, err: messageOf(error) }, 'Cannot set up the trigger, trying again')
      await new Promise(resolve => setTimeout(resolve, 2_000))
    }
  }
}

/** The subject on which a loss of stream `ops` is told. */
export const lossSubjectOf = (cluster: string, namespace: string): string =>
  resourceSubject({ cluster, namespace, plural: 'streams', name: 'ops', observation: 'alerts' })

/** What the stream threw away unseen is itself an event: the one loss that can happen, and it is told. */
async function tellLoss(trigger: Trigger, gap: Gap, counts: Counts, shared: Shared): Promise<void> {
  counts.lost(gap.events)
  const id = idOf('lost', trigger.name, trigger.stream, String(gap.from), String(gap.to))
  const message = `Stream "${trigger.stream}" was full or too old: ${gap.events} messages went before trigger "${trigger.name}" had them`
  shared.log.error({ trigger: trigger.name, ...gap }, message)
  const event = {
    specversion: '1.0' as const,
    id,
    source: ownSource,
    type: 'Default',
    subject: shared.lossSubject,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    data: { stream: trigger.stream, trigger: trigger.name, ...gap, message },
  }
  try {
    await shared.publisher.publish(eventMessage(described(event)))
  } catch (error) {
    shared.log.error({ trigger: trigger.name, err: String(error) }, 'Cannot tell the loss on the bus')
  }
}
