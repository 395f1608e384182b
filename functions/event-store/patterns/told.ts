import type { Kysely } from 'kysely'
import type { Tables } from '../../../shared/database.ts'
import { tellingId } from '../../../shared/patterns/key.ts'
import { turnAt } from './tell.ts'
import type { Touched } from './touched.ts'

/** Those that nobody has told within a window before or after. */
export async function untold<T extends Touched>(
  db: Kysely<Tables>,
  touched: T[],
  window: number,
): Promise<T[]> {
  if (touched.length === 0) return []
  const ids = touched.flatMap(one => idsAround(one, window))
  const rows = await db.selectFrom('told').select(['id', 'time']).where('id', 'in', ids).execute()
  const told = new Map(rows.map(({ id, time }) => [id, time.getTime()]))
  return touched.filter(one =>
    idsAround(one, window).every(id => {
      const at = told.get(id)
      return at === undefined || Math.abs(at - one.time) >= window
    }),
  )
}

const idsAround = ({ key, time }: Touched, window: number): string[] =>
  [-1, 0, 1].map(by => tellingId(key, turnAt(time, window) + by))

/** Remembers what was told, after it was. */
export async function remember(db: Kysely<Tables>, tellings: { id: string; time: Date }[]): Promise<void> {
  if (tellings.length === 0) return
  const rows = tellings.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  await db
    .insertInto('told')
    .values(rows)
    .onConflict(on => on.column('id').doNothing())
    .execute()
}

/** What was told of events that are gone, and templates that none of them has. */
export async function forgetPatterns(db: Kysely<Tables>, before: Date): Promise<void> {
  await db.deleteFrom('told').where('time', '<', before).execute()
  await db.deleteFrom('templates').where('last_time', '<', before).execute()
}
