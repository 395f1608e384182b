import { setTimeout as pause } from 'node:timers/promises'
import type { Nats } from '../../shared/adapters/nats.ts'
import type { Message } from '../../shared/adapters/publisher.ts'
import { openPull, type Pulled } from '../../shared/adapters/pull.ts'
import { type Log, messageOf } from '../../shared/log.ts'
import { retry } from '../../shared/outcome.ts'
import { delayClasses } from '../../shared/retries.ts'
import { told } from '../../shared/story.ts'
import { subjectMatches } from '../../shared/subject.ts'
import type { Sent } from './answer.ts'
import { ackWait, handedOutAgain, orderedExpires, retriesConsumer } from './consumers.ts'
import { openCrowd } from './crowd.ts'
import { flightsOf } from './flights.ts'
import { openHands } from './hands.ts'
import { type Item, itemOf } from './item.ts'
import type { Books } from './ledger/open.ts'
import type { Counts } from './metrics.ts'
import { paceOf } from './pace.ts'
import { queueOf } from './queue.ts'
import { openSettling } from './settle.ts'
import { mostRequests, type Trigger } from './triggers.ts'

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
  /** How many messages a stream has by subject; undefined where the server does not say. */
  waiting(stream: string, filter: string): Promise<Map<string, number> | undefined>
  /** Makes the consumer of a subject's siding, and returns its name. */
  siding(key: string): Promise<string>
  /** May this replica still do anything? Asked before everything that another replica might be at. */
  mayGo(): boolean
  counts: Counts
  /** Where it is noted how events end; undefined for a trigger that does not count. */
  books: Books | undefined
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
/** Whatever the size of events: of so many bytes there is enough in our hands. */
const mostBytes = 64 * 1024 * 1024

/**
 * Moves events from a trigger's consumer to its sink: the next stage holds each before it is acknowledged. `unrest`:
 * for how many milliseconds an ordered trigger's former holder may still have had what was not acknowledged.
 */
export function runTrigger(trigger: Trigger, world: World, unrest = 0): Running {
  const capacity = Math.min(trigger.batch * trigger.concurrency * 4, 4_096)
  const { subjects } = trigger.filter
  const wantsAll = subjects.includes(`${trigger.stream}.>`)
  const hands = openHands()
  const pace = paceOf(trigger.concurrency, trigger.held)
  const queue = queueOf({
    batch: trigger.batch,
    mixed: trigger.groupBy === 'none',
    strandOf: item => item.lane || item.group,
    quiet: item => world.quiet(item.subject),
    mostQuiet: Math.min(100, Math.ceil(capacity / 2)),
  })
  const flights = flightsOf({ most: mostRequests(trigger), grouped: trigger.groupBy === 'subject' })
  let stopped = false
  let abandoned = false
  let pumping = false
  let settledAt = world.now() + unrest
  let gathering = { events: 0, until: 0 }
  let wake: NodeJS.Timeout | undefined

  const mayGo = () => !abandoned && world.mayGo()

  // --- in ---

  const goes = () => !stopped && mayGo() && pace.pausedUntil() <= world.now()
  const room = () => (goes() && hands.bytes() < mostBytes ? Math.max(capacity - hands.size(), 0) : 0)

  function take(pulled: Pulled): void {
    world.saw(pulled)
    const wanted = wantsAll || subjects.some(pattern => subjectMatches(pattern, pulled.subject))
    if (wanted && (trigger.covers === 'all' || world.covered(pulled.subject))) return admit(pulled)
    pulled.ack()
    if (wanted) world.counts.uncovered(1)
  }

  /** False where it is not due yet. */
  function takeAgain(pulled: Pulled): boolean {
    const wait = Number(pulled.headers?.get(told.due) || 0) - world.wall()
    // A class holds about equal delays, first in, first out: what is behind this one is hardly due earlier.
    if (wait > 0) pulled.nak(wait)
    else admit(pulled)
    return wait <= 0
  }

  function admit(pulled: Pulled): void {
    const item = hold(pulled)
    if (!item) return
    if (crowd.aside(item)) return settling.shunt(item)
    queue.add(item)
    soon()
  }

  /** What comes back from a siding, whose turn it is. */
  function admitBack(pulled: Pulled): boolean {
    const item = hold(pulled)
    if (!item) return false
    queue.add(item)
    soon()
    return true
  }

  function hold(pulled: Pulled): Item | undefined {
    const now = world.now()
    if (abandoned || world.books?.ended(pulled) || hands.again(pulled, now)) return undefined
    const item = itemOf(pulled, trigger, { wall: world.wall(), now })
    hands.hold(item)
    return item
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
    crowd.look()
    while (flights.may(pace.allowed(now, flights.size()), now)) {
      const items = queue.take(now)
      const [first] = items
      if (!first) break
      flights.add(fly(items), first.group, now)
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
    for (const item of items) item.sent = true
    queue.release(items)
    soon()
  }

  const crowd = openCrowd(trigger, {
    ...{ hands, queue, capacity, goes, soon, now: world.now, waiting: world.waiting, admit: admitBack },
    crowded: () => hands.size() >= capacity / 2 || hands.bytes() >= mostBytes / 2,
    well: () => pace.failures() === 0 && pace.pausedUntil() <= world.now(),
    stuck: () => flights.stuck(world.now()),
    shunt: item => settling.shunt(item),
    async open(key, inner) {
      const consumer = await world.siding(key)
      const lost = async () => void (await world.siding(key))
      return openPull(world.nats, { stream: 'retries', consumer }, { ...inner, lost })
    },
  })

  const settling = openSettling(trigger, {
    ...{ hands, queue, pace, capacity, mayGo, soon, wakeAt, stopped: () => stopped },
    ...{ backlog: crowd.backlog, sidings: crowd.sidings, mostOfGroup: crowd.mostOfGroup },
    ...{ publish: world.publish, counts: world.counts, books: world.books, log: world.log },
    ...{ now: world.now, wall: world.wall, random: world.random },
  })

  // --- as long as it runs ---

  const sweep = setInterval(() => {
    if (mayGo()) hands.extend(world.now(), ackWait / 3)
    world.counts.holding(hands.size())
    // Requests that are out for long now, or others that wait by now, are told by nobody.
    if (trigger.groupBy === 'subject') soon()
  }, ackWait / 6)

  const inner = { lost: world.mend, room: () => Math.min(room(), 64) }
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
      room: () => (settledAt > world.now() || !crowd.known() ? 0 : room()),
      reconnected: () => void settleDown(handedOutAgain),
    },
  )
  const later = delayClasses.map(seconds => {
    const pull = openPull(
      world.nats,
      { stream: 'retries', consumer: retriesConsumer(trigger.name, seconds) },
      {
        ...inner,
        take(pulled) {
          if (takeAgain(pulled)) pull.more()
        },
      },
    )
    return pull
  })
  // Those of the classes ask by themselves, every second and when something comes.
  function more(): void {
    main.more()
    crowd.sidings.more()
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
  else for (const pull of [main, ...later]) pull.more()

  function letGo(): Promise<unknown> {
    stopped = true
    clearTimeout(wake)
    return Promise.all([...[main, ...later].map(pull => pull.stop()), crowd.stop()])
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
      const landed = flights.landed().then(settling.landed)
      const late = new AbortController()
      await Promise.race([landed, pause(longestDrain, undefined, { signal: late.signal }).catch(() => {})])
      late.abort()
      rest()
      handBack(hands.all())
    },
  }
}
