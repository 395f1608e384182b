import type { Pull, Pulled } from '../../shared/adapters/pull.ts'
import { limits, subjectMatches } from '../../shared/subject.ts'
import { type Backlog, backlogOf } from './backlog.ts'
import { restOf } from './deadletter.ts'
import type { Hands } from './hands.ts'
import type { Item } from './item.ts'
import type { Queue } from './queue.ts'
import { openSidings, type Sidings } from './sidings.ts'
import type { Trigger } from './triggers.ts'

/** Sees to it that no group crowds the others out of our hands: who has too much while others wait goes aside. */
export type Crowd = {
  backlog: Backlog
  sidings: Sidings
  /** More of one group are not kept here to wait. */
  mostOfGroup: number
  /** Is it known who waits aside already, from before we began? */
  known(): boolean
  /** Does this event have to wait aside? */
  aside(item: Item): boolean
  /** Looks whether somebody has too much; cheap to call often. */
  look(): void
  stop(): Promise<unknown>
}

/** What it needs; counts are by subject, undefined where the server does not say. */
export type CrowdWorld = {
  capacity: number
  /** Is half of our hands full? */
  crowded(): boolean
  hands: Hands
  queue: Queue
  /** Does the sink answer? */
  well(): boolean
  /** Groups with a request that has been out for long. */
  stuck(): string[]
  /** May anything be taken now? */
  goes(): boolean
  shunt(item: Item): void
  admit(pulled: Pulled): boolean
  waiting(stream: string, filter: string): Promise<Map<string, number> | undefined>
  open(key: string, inner: { room(): number; take(pulled: Pulled): void }): Promise<Pull>
  /** It is known now. */
  soon(): void
  now(): number
}

const every = 1_500
/** While nothing waits it is enough to see now and then what another replica left behind. */
const seldom = 30_000
const between = 1_000

export function openCrowd(trigger: Trigger, world: CrowdWorld): Crowd {
  const { hands, queue, capacity } = world
  const grouped = trigger.groupBy === 'subject' && !trigger.ordered
  const watches = grouped || trigger.delivery.backlog !== undefined
  const mostOfGroup = Math.max(100, Math.floor(capacity / 8))
  // Enough for a request on its way and the next one.
  const keep = Math.min(2 * trigger.batch, mostOfGroup)
  const backlog = backlogOf(trigger.delivery.backlog)
  const groupOf = (key: string) => `${trigger.stream}.${key}`
  let known = !watches
  let stopped = false
  let asking = false
  let askedAt = Number.NEGATIVE_INFINITY
  let lookedAt = Number.NEGATIVE_INFINITY
  let looking = false

  const sidings = openSidings({
    open: (key, take) =>
      world.open(key, {
        take,
        // Even where nothing else has room: what comes back from there makes some.
        room: () => (world.goes() ? Math.max(keep - queue.waitingIn(groupOf(key)), 0) : 0),
      }),
    admit: world.admit,
    held: () => heldAside(hands, trigger),
    now: world.now,
  })

  async function ask(): Promise<void> {
    const idle = known && !backlog.some() && !sidings.some()
    if (asking || world.now() - askedAt < (idle ? seldom : 0)) return
    asking = true
    askedAt = world.now()
    const heard = { backlog: backlog.asked(), sidings: sidings.asked() }
    const told = await world.waiting('retries', `retries.${trigger.name}.>`)
    asking = false
    if (stopped) return
    if (told) {
      heard.backlog(byKey(told))
      heard.sidings(byKey(told, 'side'))
    }
    if (!known) world.soon()
    known = true
  }
  const timer = watches ? setInterval(() => void ask(), every) : undefined
  if (watches) void ask()

  /** Those with too much: more than a fair part, or than the next request where the one before does not come back. */
  function overfull(): string[] {
    const stuck = world.stuck().filter(group => hands.sizeOfGroup(group) > trigger.batch)
    const over = new Set([...hands.groupsAbove(mostOfGroup), ...stuck])
    // Of a subject that is too long the siding could not be told from others.
    return [...over].filter(group => group.length <= limits.characters && !sidings.busy(restOf(group)))
  }

  async function othersWait(over: string[]): Promise<boolean> {
    const told = (await world.waiting(trigger.stream, `${trigger.stream}.>`)) ?? []
    for (const [subject, many] of told) {
      const wanted = trigger.filter.subjects.some(pattern => subjectMatches(pattern, subject))
      if (wanted && !over.includes(subject) && many > hands.sizeOfGroup(subject)) return true
    }
    return false
  }

  async function makeRoom(): Promise<void> {
    const over = overfull()
    if (over.length === 0 || !(await othersWait(over)) || stopped) return
    for (const group of over) {
      const elsewhere = hands.sizeOfGroup(group) - queue.waitingIn(group)
      for (const item of queue.cut(group, keep - elsewhere)) world.shunt(item)
    }
    world.soon()
  }

  return {
    backlog,
    sidings,
    mostOfGroup,
    known: () => known,
    aside: item => sidings.some() && sidings.busy(restOf(item.subject)),
    look() {
      const now = world.now()
      if (!grouped || !world.crowded() || looking || now - lookedAt < between || !world.well()) return
      lookedAt = now
      looking = true
      void makeRoom().finally(() => {
        looking = false
      })
    },
    stop() {
      stopped = true
      clearInterval(timer)
      return sidings.stop()
    },
  }
}

// retries.{trigger}.{class}.{the subject without its first token}
function byKey(told: Map<string, number>, only?: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const [subject, many] of told) {
    const [, , kind, ...rest] = subject.split('.')
    const key = rest.join('.')
    if (only === undefined || kind === only) counts.set(key, (counts.get(key) ?? 0) + many)
  }
  return counts
}

function heldAside(hands: Hands, trigger: Trigger): Map<string, number> {
  const held = new Map<string, number>()
  for (const { pulled } of hands.all()) held.set(pulled.subject, (held.get(pulled.subject) ?? 0) + 1)
  return byKey(
    new Map([...held].filter(([subject]) => subject.startsWith(`retries.${trigger.name}.`))),
    'side',
  )
}
