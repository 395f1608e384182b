import { setTimeout as pause } from 'node:timers/promises'
import type { Journal } from '../../../shared/adapters/journal.ts'
import { PublishError } from '../../../shared/adapters/publisher.ts'
import type { Pulled } from '../../../shared/adapters/pull.ts'
import { addLines, type Entry, type Line } from '../../../shared/ledger.ts'
import { type Log, messageOf } from '../../../shared/log.ts'
import { type Counted, entryOf, errorLine } from './count.ts'
import { countedPlaces } from './places.ts'

/** Counts what becomes of one trigger's events, each once, whichever replicas had it in their hands. */
export type Counting = {
  /** Has this message ended before, so that only its acknowledgement was lost? Then it is acknowledged, and no more. */
  ended(pulled: Pulled): boolean
  /** Counts what a message came to, and acknowledges it once that is written; then `done`. */
  end(pulled: Pulled, counted: Counted, done: () => void): void
  /** Notes why an attempt failed, to be written with what is counted next. */
  failed(hook: string, reason: string): void
  /** Resolves when all that was counted is written. */
  settled(): Promise<void>
  /** Resolves when it is known what others have counted, or cannot be. */
  ready: Promise<void>
  stop(): void
}

export type CountingWorld = {
  journal: Pick<Journal, 'append' | 'read' | 'last'>
  /** Makes the journal again where somebody deleted it. */
  prepare(): Promise<void>
  /** An entry of this replica's is written. */
  wrote(entry: Entry): void
  /** Events are acknowledged without being counted, since the journal refuses their entry. */
  uncounted(events: number): void
  now(): number
  /** Unix ms. */
  wall(): number
  log: Log
}

type Waiting = { key: string; pulled: Pulled; counted: Counted; done: () => void }

/** An entry is written `every` ms at most, with so many events at most, and again after a failure. */
const pace = { every: 100, most: 2_000, again: 500 }
/** How often it looks for entries of others, in ms: sooner than what they had can come here. */
const listenEvery = 1_000
/** Older entries, of which there may be many while nobody posts them, are of no use to who begins. */
const mostBehind = 10_000

export function openCounting(trigger: string, world: CountingWorld): Counting {
  const { journal, log } = world
  const places = countedPlaces()
  const errors = new Map<string, Line>()
  const waiting = new Map<string, Waiting>()
  let most = pace.most
  /** How far the journal is read, and what its last entry of this trigger is, where that is known. */
  let read: number | undefined
  let reading: Promise<number> | undefined
  let last: number | undefined
  let writing: Promise<void> | undefined
  let writtenAt = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined
  let failing = ''
  let stopped = false

  function soon(): void {
    if (writing || timer || stopped) return
    const rest = writtenAt + pace.every - world.now()
    timer = setTimeout(turn, Math.max(rest, 0))
  }

  function turn(): void {
    timer = undefined
    writing = tryToWrite([...waiting.values()].slice(0, most)).finally(() => {
      writing = undefined
      writtenAt = world.now()
      if (waiting.size > 0) soon()
    })
  }

  async function tryToWrite(members: Waiting[]): Promise<void> {
    try {
      await write(members)
      most = pace.most
      failing = ''
    } catch (error) {
      if (error instanceof PublishError && error.kind === 'refused') return narrow(members, error)
      const why = messageOf(error)
      if (why !== failing) log.warn({ trigger, err: why }, 'Cannot write what is counted yet, trying again')
      failing = why
      // Whether it was written after all shows when the journal is read on.
      last = undefined
      await pause(pace.again)
      await world.prepare().catch(() => {})
    }
  }

  /** Writes those that nobody has counted yet, and lets all of them go. */
  async function write(members: Waiting[]): Promise<void> {
    for (;;) {
      last ??= await lastOfAll()
      const fresh = members.filter(({ pulled }) => !places.has(pulled))
      const told = new Map(errors)
      if (fresh.length === 0 && told.size === 0) return letGo(members)
      const entry = withErrors(entryOf(fresh, world.wall()), told)
      last = await journal.append(trigger, entry, last)
      // Somebody else was first: what he has counted is not counted again.
      if (last === undefined) continue
      read = last
      places.add(entry)
      for (const [hook, line] of told) if (errors.get(hook) === line) errors.delete(hook)
      world.wrote(entry)
      return letGo(members)
    }
  }

  /** What is too large together goes in parts; what is so alone is not counted, which holds up nobody. */
  function narrow(members: Waiting[], error: PublishError): void {
    errors.clear()
    last = undefined
    most = Math.max(Math.floor(members.length / 2), 1)
    if (members.length > 1) return
    log.error({ trigger, err: error.message }, 'An event is not counted: the journal refuses it')
    world.uncounted(members.length)
    letGo(members)
  }

  function letGo(members: Waiting[]): void {
    for (const { key, pulled, done } of members) {
      waiting.delete(key)
      pulled.ack()
      done()
    }
  }

  const readOn = () =>
    (reading ??= readAll().finally(() => {
      reading = undefined
    }))

  async function readAll(): Promise<number> {
    read ??= Math.max((await journal.last(trigger)) - mostBehind, 0)
    for await (const { seq, entry } of journal.read(read, trigger)) {
      // What this replica has written meanwhile comes here as well.
      if (seq <= read) continue
      read = seq
      places.add(entry)
    }
    return read
  }

  async function lastOfAll(): Promise<number> {
    for (;;) {
      const upTo = await readOn()
      const newest = await journal.last(trigger)
      if (newest <= upTo) return newest
    }
  }

  const catchUp = async () => void (await readOn().catch(() => {}))
  const listen = () => {
    if (errors.size > 0) soon()
    // What cannot be written for long would be sent again by another replica.
    if (failing !== '') for (const { pulled } of waiting.values()) pulled.working()
    return catchUp()
  }
  const listening = setInterval(listen, listenEvery)

  return {
    ended(pulled) {
      const here = waiting.get(keyOf(pulled))
      // The newer lease is the one to end.
      if (here?.pulled.stored === pulled.stored) here.pulled = pulled
      else if (places.has(pulled)) pulled.ack()
      else return false
      return true
    },
    end(pulled, counted, done) {
      // One that was settled twice, while its lease was in doubt, is counted once.
      const key = keyOf(pulled)
      if (!waiting.has(key)) waiting.set(key, { key, pulled, counted, done })
      soon()
    },
    failed: (hook, reason) => void errors.set(hook, errorLine(reason, world.wall())),
    async settled() {
      while (waiting.size > 0 && !stopped) await (writing ?? pause(pace.every / 4))
    },
    ready: catchUp(),
    stop() {
      stopped = true
      clearTimeout(timer)
      clearInterval(listening)
    },
  }
}

const keyOf = ({ stream, seq }: Pulled) => `${stream}/${seq}`

function withErrors(entry: Entry, errors: Map<string, Line>): Entry {
  const hooks = { ...entry.hooks }
  for (const [hook, line] of errors) hooks[hook] = addLines(hooks[hook] ?? { counts: {} }, line)
  return { ...entry, hooks }
}
