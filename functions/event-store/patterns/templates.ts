import type { Kysely } from 'kysely'
import { bounded } from '../../../shared/bounded.ts'
import type { Tables } from '../../../shared/database.ts'
import type { StoredEvent } from '../../../shared/stored.ts'
import { templateOf } from '../../../shared/template.ts'

const hour = 3600_000
const known = 10_000

/** Keeps what the templates of events stand for, and about when they were last seen: each is written once an hour. */
export function templatesAfter(db: Kysely<Tables>): (rows: StoredEvent[]) => Promise<void> {
  const written = bounded<number>(known)
  return async rows => {
    const due = new Map<string, StoredEvent>()
    for (const row of rows) {
      const { template, time } = row
      if (template === null || (written.get(template) ?? 0) > time.getTime() - hour) continue
      const before = due.get(template)
      if (!before || before.time < time) due.set(template, row)
    }
    if (due.size === 0) return
    const values = [...due].flatMap(([template, { message, time }]) => {
      const text = templateOf(message)?.text
      return text === undefined ? [] : [{ template, text, last_time: time }]
    })
    // In one order, so that two batches never wait for each other.
    values.sort((a, b) => (a.template < b.template ? -1 : 1))
    if (values.length > 0)
      await db
        .insertInto('templates')
        .values(values)
        .onConflict(on =>
          on
            .column('template')
            .doUpdateSet({ last_time: eb => eb.ref('excluded.last_time') })
            .whereRef('templates.last_time', '<', 'excluded.last_time'),
        )
        .execute()
    for (const [template, { time }] of due) written.set(template, time.getTime())
  }
}
