import { setTimeout as pause } from 'node:timers/promises'
import { openPull } from '../../shared/adapters/pull.ts'
import { delayClasses } from '../../shared/retries.ts'
import { type Admission, admissionTo } from './admission.ts'
import { calmOf } from './calm.ts'
import { ackWait, handedOutAgain, orderedExpires, retriesConsumer } from './consumers.ts'
import { openCrowd } from './crowd.ts'
import { flightsOf } from './flights.ts'
import { openHands } from './hands.ts'
import type { Item } from './item.ts'
import { paceOf } from './pace.ts'
import { pumpOf } from './pump.ts'
import { queueOf } from './queue.ts'
import { openSettling } from './settle.ts'
import { mostRequests, type Trigger } from './triggers.ts'
import type { World } from './world.ts'

/** A trigger at work. */
export type Running = {
  /** Stops pulling, waits for what is in flight, hands the rest back at once. */
  stop(): Promise<void>
  /** Lets go of everything without a word: the lease is gone and another replica is at it. */
  abandon(): void
}

/** A sink that hangs does not hold up a polite stop for longer: its events go to another replica. */
const longestDrain = 20_000
/** Whatever the size of events: of so many bytes there is enough in our hands. */
const mostBytes = 64 * 1024 * 1024

/**
 * Moves events from a trigger's consumer to its sink: the next stage holds each before it is acknowledged. `unrest`:
 * for how many milliseconds an ordered trigger's former holder may still have had what was not acknowledged.
 */
export function runTrigger(trigger: Trigger, world: World, unrest = 0): Running {
  const capacity = Math.min(trigger.batch * trigger.concurrency * 4, 4_096)
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

  const mayGo = () => !abandoned && world.mayGo()
  const goes = () => !stopped && mayGo() && pace.pausedUntil() <= world.now()
  const room = () => (goes() && hands.bytes() < mostBytes ? Math.max(capacity - hands.size(), 0) : 0)

  const calm = calmOf(trigger, {
    ...{ world, capacity, unrest, stopped: () => stopped },
    here: () => hands.sizeOf(trigger.stream),
    over(until) {
      more()
      wakeAt(until)
    },
  })

  const { soon, wakeAt, ...pump } = pumpOf(trigger, {
    ...{ queue, pace, flights, world, stopped: () => stopped, gathersUntil: calm.gathersUntil },
    look: () => crowd.look(),
    more: () => more(),
    settle: (items, sent) => settling.settle(items, sent),
  })

  const admission: Admission = admissionTo(trigger, {
    ...{ hands, queue, soon, world, abandoned: () => abandoned },
    aside: item => crowd.aside(item),
    shunt: item => settling.shunt(item),
  })

  const crowd = openCrowd(trigger, {
    ...{ hands, queue, capacity, goes, soon, now: world.now, waiting: world.waiting },
    admit: admission.takeBack,
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
    world.counts.holding(hands.size(), queue.quiet())
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
      take: admission.take,
      lost: world.mend,
      room: () => (calm.settled() && crowd.known() ? room() : 0),
      reconnected: () => void calm.settle(handedOutAgain),
    },
  )
  const later = delayClasses.map(seconds => {
    const pull = openPull(
      world.nats,
      { stream: 'retries', consumer: retriesConsumer(trigger.name, seconds) },
      {
        ...inner,
        take(pulled) {
          if (admission.takeAgain(pulled)) pull.more()
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

  if (unrest > 0) void calm.settle(unrest)
  else for (const pull of [main, ...later]) pull.more()

  function letGo(): Promise<unknown> {
    stopped = true
    pump.stop()
    return Promise.all([...[main, ...later].map(pull => pull.stop()), crowd.stop()])
  }

  function rest(): void {
    clearInterval(sweep)
    settling.stop()
    world.counts.holding(0, 0)
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
