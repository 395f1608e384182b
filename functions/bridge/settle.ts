import type { Message } from '../../shared/adapters/publisher.ts'
import type { Log } from '../../shared/log.ts'
import { type Outcome, retry } from '../../shared/outcome.ts'
import type { Sent, Suspect } from './answer.ts'
import { putAside } from './aside.ts'
import type { Backlog } from './backlog.ts'
import { longestHeld } from './backoff.ts'
import { deadLetterOf, masked, restOf, retryMessageOf, sidingMessageOf } from './deadletter.ts'
import { openGivenUp } from './given-up.ts'
import type { Hands } from './hands.ts'
import type { Item } from './item.ts'
import type { End } from './ledger/count.ts'
import type { Books } from './ledger/open.ts'
import type { Counts } from './metrics.ts'
import { backlogFull, isOld, type Next, nextFor } from './next.ts'
import type { Pace } from './pace.ts'
import type { Queue } from './queue.ts'
import type { Sidings } from './sidings.ts'
import type { Trigger } from './triggers.ts'

/** What settling needs of the trigger at work: where events are, and how it is told that some may go again. */
export type Table = {
  hands: Hands
  queue: Queue
  pace: Pace
  backlog: Backlog
  sidings: Pick<Sidings, 'went' | 'stayed'>
  /** Where it is noted how events end, for triggers that count. */
  books: Books | undefined
  /** How many of one group may wait here. */
  mostOfGroup: number
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
  /** Puts an event into its group's siding. */
  shunt(item: Item): void
  /** Events that wait here for their time, and for how much longer. */
  waiting(): Iterable<Item>
  restOf(item: Item): number
  /** They wait no longer. */
  stop(): void
  /** Resolves when nothing is on its way to another stream. */
  landed(): Promise<unknown>
}

const longestPause = 10_000
const justNow = 5_000
const longestBroken = 60_000
/** What a sink asks for with a whole request stops all others for no longer; its own events wait as long as asked. */
const longestAsked = 300_000
/** After so many failures of whole requests in a row one event may be behind it, whatever the sink says. */
const patienceEnds = 5

/** Nearly all are, and for them there is nothing to find out. */
const acked: Next = { kind: 'ack' }

/** Why an event is buried that would have to wait where no stream has room for it. */
const noRoom = 'backlog full: stream "retries" takes no more'

/** What becomes of an event that its other place has no room for, or is too small for; how it ended if it has one. */
type Then = { impossible?: () => void; full?: () => void; end?: End }

/** Settles the events of one trigger: each is acknowledged, waits here or elsewhere, or is buried. */
export function openSettling(trigger: Trigger, table: Table): Settling {
  const { hands, queue, pace, backlog, counts, log } = table
  const gaveUp = openGivenUp(trigger.name, log, table.now)
  const parked = new Map<Item, { timer: NodeJS.Timeout; until: number }>()
  const leaving = new Set<Promise<void>>()
  let heardAt = Number.NEGATIVE_INFINITY

  function settle(items: Item[], sent: Sent): void {
    switch (sent.kind) {
      case 'each':
        counts.paused(false)
        hear(sent)
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

  function hear({ outcomes, judged }: { outcomes: Outcome[]; judged?: true }): void {
    const taken = outcomes.some(({ kind }) => kind !== 'retry')
    if (taken || judged) heardAt = table.now()
    // What the sink says of all events of one group is about the group: it is well itself, and so are the others.
    if (taken || (judged && trigger.groupBy === 'subject')) pace.took()
    else pace.refused()
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
    const key = restOf(item.subject)
    const next = outcome.kind === 'done' ? acked : nextFor(trigger, item, outcome, circumstances(item, key))
    if (next.kind === 'ack') {
      counts.delivered(1)
      backlog.took(key, table.now())
      return release(item, { outcome })
    }
    // What is left to do is another's when this replica's lease is gone.
    if (!table.mayGo()) return 0
    const before = item.attempts
    item.attempts = next.attempts
    if (next.kind === 'bury') return bury(item, next, outcome)
    counts.retried(1)
    if (next.attempts > before) table.books?.failed(item, next.reason)
    if (next.kind === 'wait') return next.delay
    if (isNew(item)) backlog.went(key)
    return leave(item, retryMessageOf(trigger, item, next.delay, next, table.wall()), {
      // What waits there already waits on where it is.
      full: () => (isNew(item) ? bury(item, { reason: noRoom }) : hands.handBack([item], () => next.delay)),
    })
  }

  const circumstances = (item: Item, key: string) => ({
    wall: table.wall(),
    random: table.random(),
    crowded: parked.size >= table.capacity / 4 || hands.sizeOfGroup(item.group) > table.mostOfGroup,
    full: isNew(item) && backlog.full(key, table.now()),
  })

  function shunt(item: Item): void {
    const key = restOf(item.subject)
    // While the sink itself is silent, no group is to blame for what waits.
    if (isNew(item) && isHeard() && backlog.full(key, table.now())) {
      const reason = backlogFull(trigger.delivery.backlog ?? 0)
      return bury(item, { reason })
    }
    if (isNew(item)) backlog.went(key)
    table.sidings.went(key)
    const stays = () => {
      table.sidings.stayed(key)
      wait([{ item, delay: longestHeld }])
    }
    leave(item, sidingMessageOf(trigger, item), { impossible: stays, full: stays })
  }

  const isHeard = () => table.now() - heardAt < justNow
  /** What comes from `retries` is counted there already. */
  const isNew = ({ pulled }: Item) => pulled.stream !== 'retries'

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
    const kept = counted ? [] : items.filter(item => halved || !buriedAsOld(item, reason))
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

  function buriedAsOld(item: Item, reason: string): boolean {
    if (!isOld(item, table.wall())) return false
    if (table.mayGo()) bury(item, { reason: `too old to wait any longer: ${reason}` })
    return true
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

  function bury(
    item: Item,
    why: { reason: string; code?: number },
    outcome: Outcome = retry(why.reason),
  ): undefined {
    counts.deadLettered(1)
    gaveUp(item, why.reason)
    const end = { outcome, buried: why }
    if (trigger.delivery.deadLetter) leave(item, deadLetterOf(trigger, item, why, table.wall()), { end })
    else release(item, end)
  }

  function leave(item: Item, message: Message, then: Then = {}): undefined {
    const left = putAside(message, item, {
      publish: table.publish,
      goesOn: () => !table.stopped(),
      waits: trigger.delivery.backlog === undefined,
      failed: problem => log.error({ trigger: trigger.name, ...problem }, 'Cannot put an event aside'),
    }).then(aside => {
      leaving.delete(left)
      if (aside === 'held') release(item, then.end)
      else if (aside === 'full') then.full?.()
      else if (aside === 'impossible') {
        if (then.impossible) then.impossible()
        else wait([{ item, delay: longestHeld }])
      }
      table.soon()
    })
    leaving.add(left)
  }

  /** With an `end` it is over for good: that is counted before the event is acknowledged. */
  function release(item: Item, end?: End): undefined {
    const age = () => counts.age(table.now() - item.takenAt)
    if (!end || !table.books) {
      if (hands.release(item)) age()
    } else if (hands.letGo(item)) table.books.end(item, end, age)
  }

  return {
    settle,
    shunt,
    waiting: () => parked.keys(),
    restOf: item => Math.max((parked.get(item)?.until ?? 0) - table.now(), 0),
    stop() {
      for (const { timer } of parked.values()) clearTimeout(timer)
    },
    landed: () => Promise.allSettled(leaving).then(() => table.books?.settled()),
  }
}
