import { setTimeout as pause } from 'node:timers/promises'
import type { Nats } from '../../shared/adapters/nats.ts'
import type { Message } from '../../shared/adapters/publisher.ts'
import { openPull, type Pulled } from '../../shared/adapters/pull.ts'
import { type Log, messageOf } from '../../shared/log.ts'
import { retry } from '../../shared/outcome.ts'
import { subjectMatches } from '../../shared/subject.ts'
import type { Sent } from './answer.ts'
import { delayClasses } from './backoff.ts'
import { ackWait, handedOutAgain, orderedExpires, retriesConsumer } from './consumers.ts'
import { openHands } from './hands.ts'
import { type Item, itemOf, told } from './item.ts'
import type { Counts } from './metrics.ts'
import { paceOf } from './pace.ts'
import { queueOf } from './queue.ts'
import { openSettling } from './settle.ts'
import type { Trigger } from './triggers.ts'

/** What a running trigger needs of the world. */
export type World = {
  nats: Nats
  send(trigger: Trigger, items: Item[]): Promise<Sent>
  /** @throws PublishError */
  publish(message: Message): Promise<unknown>
  /** Does any hook in force cover this subject? */
  covered(subject: string): boolean
  /** Is this event about a pod of our own functions, so that it may not wake them? */
  quiet(subject: string): boolean
  /** Takes note of what came from the stream. */
  saw(pulled: Pulled): void
  /** Makes the consumers again where somebody deleted them. */
  mend(reason: string): Promise<void>
  /** What the server has handed out, and how many requests of anybody's it holds; undefined where it does not say. */
  handedOut(): Promise<{ pending: number; waiting: number } | undefined>
  /** May this replica still do anything? Asked before everything that another replica might be at. */
  mayGo(): boolean
  counts: Counts
  now(): number
  wall(): number
  random(): number
  log: Log
}

/** A trigger at work. */
export type Running = {
  /** Stops pulling, waits for what is in flight, hands the rest back at once. */
  stop(): Promise<void>
  /** Lets go of everything without a word: the lease is gone and another replica is at it. */
  abandon(): void
}

/** A sink that hangs does not hold up a polite stop for longer: its events go to another replica. */
const longestDrain = 20_000
const longestGathering = 1_000

/**
 * Moves events from a trigger's consumer to its sink: the next stage holds each before it is acknowledged. `unrest`:
 * for how many milliseconds an ordered trigger's former holder may still have had what was not acknowledged.
 */
export function runTrigger(trigger: Trigger, world: World, unrest = 0): Running {
  const capacity = Math.min(trigger.batch * trigger.concurrency * 2, 2_000)
  const { subjects } = trigger.filter
  const wantsAll = subjects.includes(`${trigger.stream}.>`)
  const hands = openHands()
  const pace = paceOf(trigger.concurrency)
  const queue = queueOf({
    batch: trigger.batch,
    mixed: trigger.groupBy === 'none',
    strandOf: item => item.lane || item.group,
    quiet: item => world.quiet(item.subject),
    mostQuiet: Math.min(100, Math.ceil(capacity / 2)),
  })
  const flying = new Set<Promise<void>>()
  let stopped = false
  let abandoned = false
  let pumping = false
  let settledAt = world.now() + unrest
  let gathering = { events: 0, until: 0 }
  let wake: NodeJS.Timeout | undefined

  const mayGo = () => !abandoned && world.mayGo()

  // --- in ---

  const room = () =>
    stopped || !mayGo() || pace.pausedUntil() > world.now() ? 0 : Math.max(capacity - hands.size(), 0)

  function take(pulled: Pulled): void {
    world.saw(pulled)
    const wanted = wantsAll || subjects.some(pattern => subjectMatches(pattern, pulled.subject))
    if (wanted && (trigger.covers === 'all' || world.covered(pulled.subject))) return admit(pulled)
    pulled.ack()
    if (wanted) world.counts.uncovered(1)
  }

  function takeAgain(pulled: Pulled): void {
    const wait = Number(pulled.headers?.get(told.due) || 0) - world.wall()
    // A class holds about equal delays, first in, first out: what is behind this one is hardly due earlier.
    if (wait > 0) pulled.nak(wait)
    else admit(pulled)
  }

  function admit(pulled: Pulled): void {
    const now = world.now()
    if (abandoned || hands.again(pulled, now)) return
    const item = itemOf(pulled, trigger, { wall: world.wall(), now })
    hands.hold(item)
    queue.add(item)
    soon()
  }

  // --- through ---

  /** What has arrived by the end of this turn of the event loop goes together. */
  function soon(): void {
    if (pumping) return
    pumping = true
    setImmediate(pump)
  }

  function pump(): void {
    pumping = false
    if (stopped) return
    const now = world.now()
    if (pace.pausedUntil() > now) return wakeAt(pace.pausedUntil())
    if (gathers(now)) {
      more()
      return wakeAt(gathering.until)
    }
    while (flying.size < pace.allowed(now, flying.size)) {
      const items = queue.take(now)
      if (items.length === 0) break
      const flight = fly(items).finally(() => flying.delete(flight))
      flying.add(flight)
    }
    more()
    const next = queue.nextAt(now)
    if (next !== undefined) wakeAt(next)
  }

  function wakeAt(time: number): void {
    clearTimeout(wake)
    wake = setTimeout(soon, Math.max(time - world.now(), 1))
  }

  async function fly(items: Item[]): Promise<void> {
    const started = world.now()
    pace.flew(started)
    world.counts.inFlight(items.length)
    const sent = await world.send(trigger, items).catch((error): Sent => {
      // A bug of the bridge's: the events are kept, and tried again as if nobody had answered.
      world.log.error({ err: messageOf(error), trigger: trigger.name }, 'Sending failed unexpectedly')
      return { kind: 'whole', outcome: retry('the bridge failed'), suspect: 'now' }
    })
    world.counts.inFlight(-items.length)
    world.counts.took(world.now() - started)
    settling.settle(items, sent)
    queue.release(items)
    soon()
  }

  const settling = openSettling(trigger, {
    ...{ hands, queue, pace, capacity, mayGo, soon, wakeAt, stopped: () => stopped },
    ...{ publish: world.publish, counts: world.counts, log: world.log },
    ...{ now: world.now, wall: world.wall, random: world.random },
  })

  // --- as long as it runs ---

  const sweep = setInterval(() => {
    if (mayGo()) hands.extend(world.now(), ackWait / 3)
    world.counts.holding(hands.size())
  }, ackWait / 6)

  const inner = { take: takeAgain, lost: world.mend, room: () => Math.min(room(), 64) }
  const main = openPull(
    world.nats,
    {
      stream: trigger.stream,
      consumer: trigger.name,
      ...(trigger.ordered && { expires: orderedExpires }),
    },
    {
      take,
      lost: world.mend,
      room: () => (settledAt > world.now() ? 0 : room()),
      reconnected: () => void settleDown(handedOutAgain),
    },
  )
  const pulls = [
    main,
    ...delayClasses.map(seconds =>
      openPull(world.nats, { stream: 'retries', consumer: retriesConsumer(trigger.name, seconds) }, inner),
    ),
  ]
  function more(): void {
    for (const pull of pulls) pull.more()
  }

  /**
   * What was handed out and is not in our hands comes back first once its lease is over: an ordered trigger waits for
   * that, since pulling before would overtake it.
   */
  async function settleDown(longest: number): Promise<void> {
    if (!trigger.ordered) return
    const until = world.now() + longest
    settledAt = until
    let out: { pending: number; waiting: number } | undefined
    while (!stopped && world.now() < until && settledAt === until) {
      out = await world.handedOut()
      if (out && out.waiting === 0 && out.pending <= hands.sizeOf(trigger.stream)) settledAt = world.now()
      else await pause(200)
    }
    gathering = { events: Math.min(out?.pending ?? 0, capacity), until: world.now() + longestGathering }
    more()
    wakeAt(gathering.until)
  }

  /** Leases end in any order: what comes again is in order only once all of it is here. */
  const gathers = (now: number) => now < gathering.until && hands.sizeOf(trigger.stream) < gathering.events
  if (unrest > 0) void settleDown(unrest)
  else more()

  function letGo(): Promise<unknown> {
    stopped = true
    clearTimeout(wake)
    return Promise.all(pulls.map(pull => pull.stop()))
  }

  function rest(): void {
    clearInterval(sweep)
    settling.stop()
    world.counts.holding(0)
  }

  function handBack(items: Iterable<Item>): void {
    // What a sink asked to wait for waits on: nobody else may try it earlier.
    hands.handBack(items, item => (trigger.ordered ? 0 : settling.restOf(item)) || undefined)
  }

  return {
    abandon() {
      abandoned = true
      void letGo()
      rest()
      // What is in flight is still acknowledged when the sink took it.
      hands.forget([...queue.all(), ...settling.waiting()])
    },
    async stop() {
      await letGo()
      // In order there is nobody to hand it to before the end, and then he gets it in the order of the stream.
      if (!trigger.ordered) handBack([...queue.all(), ...settling.waiting()])
      const landed = Promise.allSettled(flying).then(settling.landed)
      const late = new AbortController()
      await Promise.race([landed, pause(longestDrain, undefined, { signal: late.signal }).catch(() => {})])
      late.abort()
      rest()
      handBack(hands.all())
    },
  }
}
