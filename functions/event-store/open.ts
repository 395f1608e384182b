import { openDatabase } from '../../shared/adapters/database.ts'
import type { Classify } from '../../shared/classify.ts'
import { type AfterwardsWorld, afterwardsOf, forgets } from './afterwards.ts'
import { storingEvents } from './handle.ts'
import { migrate } from './migrate.ts'
import type { Retention } from './retention.ts'
import { openStore } from './store.ts'
import { sweep } from './sweep.ts'

/** So long one question to the database may take, in milliseconds: the bridge waits a minute for all of a batch. */
const patience = 10_000
/** Requests of the bridge that come at once, and a few more. */
const connections = 4

/**
 * Opens what a batch needs, with the first one: the database at `url` is asked with the first question. `afterwards`:
 * what is made of stored events.
 */
export function openStoring(
  about: Omit<AfterwardsWorld, 'db'> & { url: string; retention: Retention; classify: Classify },
  afterwards = afterwardsOf,
) {
  const { url, retention, classify, now, log } = about
  const database = openDatabase(url, { name: 'event-store', most: connections, patience, log })
  const { db } = database
  const longest = retention.classes.at(-1) ?? 0
  const { store } = openStore(database, now)
  const { handle, swept } = storingEvents({
    ...{ db, store, classify, retention, now, log },
    migrate: () => migrate(db),
    sweep: time => sweep(db, { now: time, longest, forgets, log }),
    afterwards: afterwards({ ...about, db }),
  })
  return { handle, store, database, swept, close: () => swept().then(database.close) }
}
