import type { Kysely } from 'kysely'
import type { Classify } from '../../shared/classify.ts'
import type { Tables } from '../../shared/database.ts'
import { saidByDatabase } from '../../shared/database-error.ts'
import type { OpsEvent } from '../../shared/event.ts'
import { type Log, messageOf } from '../../shared/log.ts'
import { done, drop, type Outcome, type Retry, retry } from '../../shared/outcome.ts'
import { rowOf } from '../../shared/row.ts'
import type { Afterwards } from './afterwards.ts'
import type { Retention } from './retention.ts'
import type { Store } from './store.ts'
import { troubleOf } from './trouble.ts'
import { withTimes } from './untimed.ts'

/** What storing events needs. */
export type World = {
  db: Kysely<Tables>
  store: Store['store']
  /** Brings the tables up to date, and says what it did. */
  migrate(): Promise<string[]>
  /** Drops what is over. */
  sweep(now: Date): Promise<unknown>
  afterwards: readonly Afterwards[]
  classify: Classify
  retention: Pick<Retention, 'keepOf'>
  now(): Date
  log: Log
}

const sweepEvery = 5 * 60_000

/** `swept` resolves when nothing is being dropped. */
export type Storing = {
  handle(events: OpsEvent[]): Promise<Outcome[] | Retry>
  swept(): Promise<void>
}

/**
 * Stores events, each once however often it comes. While the database is away nothing is tried with any of them, and
 * that is said of the whole batch: the events wait where they are, for as long as it takes.
 */
export function storingEvents(world: World): Storing {
  const { db, log } = world
  let migrated: Promise<void> | undefined
  let sweptAt = Number.NEGATIVE_INFINITY
  let sweeping: Promise<void> | undefined
  let isAway = false

  async function migrate(): Promise<void> {
    const made = await world.migrate()
    if (made.length > 0) log.info({ migrations: made }, 'Tables made')
  }

  async function storeAll(events: OpsEvent[]): Promise<Outcome[]> {
    const received = world.now()
    migrated ??= migrate()
    await migrated
    const timed = await withTimes(db, events, received)
    const reading = { received, classify: world.classify, keepOf: world.retention.keepOf }
    const rows = timed.map(event => rowOf(event, reading))
    const { verdicts, fresh } = await world.store(rows, received)
    const stored = rows.filter((_, at) => verdicts[at] === 'stored')
    for (const after of world.afterwards) await after(stored)
    log.debug({ events: events.length, fresh, refused: rows.length - stored.length }, 'Stored')
    // Nobody waits for that, least of all the first batch of a process.
    sweepSometimes(received)
    return verdicts.map(verdict => (verdict === 'stored' ? done : drop(verdict.refused)))
  }

  function sweepSometimes(now: Date): void {
    if (sweeping || now.getTime() - sweptAt < sweepEvery) return
    sweptAt = now.getTime()
    sweeping = sweep(now).finally(() => {
      sweeping = undefined
    })
  }

  async function sweep(now: Date): Promise<void> {
    try {
      await world.sweep(now)
    } catch (error) {
      log.warn({ err: messageOf(error) }, 'Cannot drop what is over, trying again later')
    }
  }

  async function handle(events: OpsEvent[]): Promise<Outcome[] | Retry> {
    try {
      const outcomes = await storeAll(events)
      if (isAway) log.info({}, 'The database is back')
      isAway = false
      return outcomes
    } catch (error) {
      // Whoever lost the database may find another one.
      migrated = undefined
      const trouble = troubleOf(error)
      if (trouble === 'surprise' || trouble === 'event') throw error
      const why = saidByDatabase(error).message
      if (!isAway) log.error({ err: why }, 'The database is away: events wait in their stream')
      isAway = true
      return retry(`The database does not take it: ${why}`, { attempted: false })
    }
  }

  return { handle, swept: async () => sweeping }
}
