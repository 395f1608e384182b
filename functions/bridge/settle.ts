import type { Message } from '../../shared/adapters/publisher.ts'
import type { Log } from '../../shared/log.ts'
import { type Outcome, retry } from '../../shared/outcome.ts'
import type { Sent, Suspect } from './answer.ts'
import { putAside } from './aside.ts'
import { deadLetterOf, masked, retryMessageOf } from './deadletter.ts'
import type { Hands } from './hands.ts'
import type { Item } from './item.ts'
import type { Counts } from './metrics.ts'
import { nextFor } from './next.ts'
import type { Pace } from './pace.ts'
import type { Queue } from './queue.ts'
import type { Trigger } from './triggers.ts'

/** What settling needs of the trigger at work: where events are, and how it is told that some may go again. */
export type Table = {
  hands: Hands
  queue: Queue
  pace: Pace
  /** How many events the trigger has room for. */
  capacity: number
  /** Nothing new is begun any more. */
  stopped(): boolean
  /** May this replica still do what another might be at? */
  mayGo(): boolean
  /** Something may go, now or at that time. */
  soon(): void
  wakeAt(time: number): void
  /** @throws PublishError */
  publish(message: Message): Promise<unknown>
  counts: Counts
  now(): number
  wall(): number
  random(): number
  log: Log
}

/** Does what the answers say. */
export type Settling = {
  settle(items: Item[], sent: Sent): void
  /** Events that wait here for their time, and for how much longer. */
  waiting(): Iterable<Item>
  restOf(item: Item): number
  /** They wait no longer. */
  stop(): void
  /** Resolves when nothing is on its way to another stream. */
  landed(): Promise<unknown>
}

const longestPause = 10_000
const longestBroken = 60_000
/** What a sink asks for with a whole request stops all others for no longer; its own events wait as long as asked. */
const longestAsked = 300_000
/** After so many failures of whole requests in a row one event may be behind it, whatever the sink says. */
const patienceEnds = 5

/** Settles the events of one trigger: each is acknowledged, waits here or elsewhere, or is buried. */
export function openSettling(trigger: Trigger, table: Table): Settling {
  const { hands, queue, pace, counts, log } = table
  const parked = new Map<Item, { timer: NodeJS.Timeout; until: number }>()
  const leaving = new Set<Promise<void>>()

  function settle(items: Item[], sent: Sent): void {
    switch (sent.kind) {
      case 'each':
        counts.paused(false)
        if (sent.outcomes.some(({ kind }) => kind !== 'retry')) pace.took()
        else pace.refused()
        return settleEach(items, sent.outcomes)
      case 'whole':
        return settleWhole(items, sent.outcome, sent.suspect)
      case 'broken':
        counts.paused(true)
        log.error(
          { trigger: trigger.name, reason: masked(sent.reason) },
          'The trigger is broken: its function does not accept the bridge',
        )
        return pause(items, failures => Math.min(5_000 * 2 ** failures, longestBroken))
    }
  }

  function settleEach(items: Item[], outcomes: Outcome[]): void {
    const waiting: { item: Item; delay: number }[] = []
    for (const [index, item] of items.entries()) {
      const delay = settleOne(item, outcomes[index] ?? retry('no verdict'))
      if (delay !== undefined) waiting.push({ item, delay })
    }
    wait(waiting)
  }

  /** Returns for how long it has to wait here, if so. */
  function settleOne(item: Item, outcome: Outcome): number | undefined {
    const next = nextFor(trigger, item, outcome, {
      wall: table.wall(),
      random: table.random(),
      crowded: parked.size >= table.capacity / 4,
    })
    if (next.kind === 'ack') {
      counts.delivered(1)
      return release(item)
    }
    // What is left to do is another's when this replica's lease is gone.
    if (!table.mayGo()) return 0
    item.attempts = next.attempts
    if (next.kind === 'bury') return bury(item, next)
    counts.retried(1)
    if (next.kind === 'wait') return next.delay
    return leave(item, retryMessageOf(trigger, item, next.delay, next, table.wall()))
  }

  /** Everything goes back to the front; a request that one event may have spoilt is halved until that one is alone. */
  function settleWhole(items: Item[], outcome: Outcome, suspect: Suspect): void {
    const { reason, after = 0 } = outcome.kind === 'retry' ? outcome : { reason: reasonOf(outcome) }
    log.warn(
      { trigger: trigger.name, events: items.length, reason: masked(reason) },
      'The sink took nothing, trying again',
    )
    pace.refused()
    const halved = suspect === 'now' || (suspect === 'later' && pace.failures() >= patienceEnds)
    const counted = !halved && outcome.kind === 'retry' && outcome.attempted !== false
    const longest = suspect === 'now' ? 1_000 : longestPause
    const grown = (failures: number) => Math.min(100 * 2 ** failures, longest) * (0.5 + table.random() / 2)
    const kept = counted ? [] : items.filter(item => halved || !buriedAsOld(item, outcome))
    if (halved) for (const item of items) item.most = Math.max(Math.ceil(items.length / 2), 1)
    counts.retried(kept.length)
    pause(kept, failures => Math.max(Math.min(after, longestAsked), grown(failures)))
    if (counted)
      settleEach(
        items,
        items.map(() => outcome),
      )
  }

  const reasonOf = (outcome: Outcome) => (outcome.kind === 'done' ? '' : outcome.reason)

  function buriedAsOld(item: Item, outcome: Outcome): boolean {
    const next = nextFor(trigger, item, outcome, { wall: table.wall(), random: 1, crowded: false })
    if (next.kind === 'bury' && table.mayGo()) bury(item, next)
    return next.kind === 'bury'
  }

  function pause(items: Item[], time: (failures: number) => number): void {
    queue.putBack(items)
    table.wakeAt(pace.pause(table.now(), time))
  }

  function wait(waiting: { item: Item; delay: number }[]): void {
    const now = table.now()
    if (trigger.ordered) {
      for (const strand of Map.groupBy(waiting, ({ item }) => item.lane).values()) {
        const longest = Math.max(...strand.map(({ delay }) => delay))
        queue.putBack(
          strand.map(({ item }) => item),
          now + longest,
        )
      }
      return
    }
    for (const { item, delay } of waiting) {
      const timer = setTimeout(() => {
        parked.delete(item)
        queue.putBack([item])
        table.soon()
      }, delay)
      parked.set(item, { timer, until: now + delay })
    }
  }

  function bury(item: Item, why: { reason: string; code?: number }): undefined {
    const { name, delivery } = trigger
    counts.deadLettered(1)
    log.warn(
      { trigger: name, subject: item.subject, attempts: item.attempts, reason: masked(why.reason) },
      'Gave up on an event',
    )
    if (delivery.deadLetter) leave(item, deadLetterOf(trigger, item, why, table.wall()))
    else release(item)
  }

  function leave(item: Item, message: Message): undefined {
    const left = putAside(message, item, {
      publish: table.publish,
      goesOn: () => !table.stopped(),
      failed: problem => log.error({ trigger: trigger.name, ...problem }, 'Cannot put an event aside'),
    }).then(aside => {
      leaving.delete(left)
      if (aside === 'held') release(item)
      else if (aside === 'impossible') wait([{ item, delay: 5_000 }])
      table.soon()
    })
    leaving.add(left)
  }

  function release(item: Item): undefined {
    if (hands.release(item)) counts.age(table.now() - item.takenAt)
  }

  return {
    settle,
    waiting: () => parked.keys(),
    restOf: item => Math.max((parked.get(item)?.until ?? 0) - table.now(), 0),
    stop() {
      for (const { timer } of parked.values()) clearTimeout(timer)
    },
    landed: () => Promise.allSettled(leaving),
  }
}
