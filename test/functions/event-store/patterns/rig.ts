import { sql } from 'kysely'
import { beforeAll, beforeEach } from 'vitest'
import { migrate } from '../../../../functions/event-store/migrate.ts'
import { patternsAfter } from '../../../../functions/event-store/patterns/after.ts'
import { openStore } from '../../../../functions/event-store/store.ts'
import type { Message } from '../../../../shared/adapters/publisher.ts'
import { isEvent, type OpsEvent } from '../../../../shared/event.ts'
import { usualTerms } from '../../../../shared/patterns/judge.ts'
import type { StoredEvent } from '../../../../shared/stored.ts'
import { templateOf } from '../../../../shared/template.ts'
import { openOwnDatabase } from '../../../databases.ts'
import { type Said, stored } from '../../../stored.ts'

export const minute = 60_000
export const hour = 60 * minute
/** A Monday. */
export const noon = Date.parse('2026-05-04T12:00:00Z')

/** Warnings BackOff of pods in `shop` at these times, each of another pod unless told, and of so many occurrences. */
export const backOffs = (times: number[], said: Partial<Said> = {}, occurrences = 1): StoredEvent[] =>
  times.map((at, index) => ({
    ...row({ at, name: `web-${index}`, reason: 'BackOff', ...said }),
    occurrences,
  }))

/** A warning, unless told. */
export function row({
  message = 'Back-off restarting failed container app in pod web-1_shop(7)',
  ...said
}: Said) {
  const made = stored({ severity: 'warning', message, ...said })
  return { ...made, template: templateOf(message)?.id ?? null }
}

/** So many in each hour at noon of so many days before. */
export const daysBefore = (days: number, many: number, said: Partial<Said> = {}): StoredEvent[] =>
  Array.from({ length: days }, (_, at) => noon - (at + 1) * 24 * hour).flatMap(start =>
    backOffs(
      Array.from({ length: many }, (_, at) => start - 60 * minute + at * 7_000),
      said,
    ),
  )

/** A database, empty before each test, and what is told after batches. */
export async function patternRig() {
  const { server, database, db, log } = await openOwnDatabase()
  const { store } = openStore(database)
  beforeAll(() => migrate(db))
  beforeEach(async () => {
    await sql`truncate events, counts, subjects, templates, told`.execute(db)
    told.length = 0
  })

  const told: OpsEvent[] = []
  async function keep({ payload }: Message) {
    const event: unknown = JSON.parse(String(payload))
    if (isEvent(event)) told.push(event)
  }

  /** Another event-store, at that time. */
  const storing = ({ publish = keep, now = noon }: { publish?: typeof keep; now?: number } = {}) => {
    const terms = { ...usualTerms, window: hour }
    const after = patternsAfter({ db, publish, now: () => new Date(now), terms, log })
    return async (...rows: StoredEvent[][]) => {
      for (const batch of rows) {
        await store(batch)
        await after(batch)
      }
    }
  }
  return { db, store, storing, told, keep, log, url: server.url }
}
