import { messageOf } from '../../shared/log.ts'
import { retry } from '../../shared/outcome.ts'
import type { Sent } from './answer.ts'
import type { Flights } from './flights.ts'
import type { Item } from './item.ts'
import type { Pace } from './pace.ts'
import type { Queue } from './queue.ts'
import type { Trigger } from './triggers.ts'
import type { World } from './world.ts'

/** Sends what waits, as far as it may go. */
export type Pump = {
  /** Something may go: what has arrived by the end of this turn of the event loop goes together. */
  soon(): void
  /** Something may go at that time. */
  wakeAt(time: number): void
  stop(): void
}

/** What pumping needs of the trigger at work. */
export type Line = {
  queue: Queue
  pace: Pace
  flights: Flights
  /** Nothing new is begun any more. */
  stopped(): boolean
  /** Until when nothing goes, since what comes again has to be complete first. */
  gathersUntil(now: number): number | undefined
  /** Told before anything goes. */
  look(): void
  /** There is room for more. */
  more(): void
  settle(items: Item[], sent: Sent): void
  world: Pick<World, 'send' | 'counts' | 'now' | 'log'>
}

export function pumpOf(trigger: Trigger, line: Line): Pump {
  const { queue, pace, flights, world } = line
  let pumping = false
  let wake: NodeJS.Timeout | undefined

  function soon(): void {
    if (pumping) return
    pumping = true
    setImmediate(pump)
  }

  function pump(): void {
    pumping = false
    if (line.stopped()) return
    const now = world.now()
    if (pace.pausedUntil() > now) return wakeAt(pace.pausedUntil())
    const gathersUntil = line.gathersUntil(now)
    if (gathersUntil !== undefined) {
      line.more()
      return wakeAt(gathersUntil)
    }
    line.look()
    while (flights.may(pace.allowed(now, flights.size()), now)) {
      const items = queue.take(now)
      const [first] = items
      if (!first) break
      flights.add(fly(items), first.group, now)
    }
    line.more()
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
    line.settle(items, sent)
    for (const item of items) item.sent = true
    queue.release(items)
    soon()
  }

  return { soon, wakeAt, stop: () => clearTimeout(wake) }
}
