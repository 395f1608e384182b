import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { expect, it, onTestFinished } from 'vitest'
import { migrate } from '../../../functions/event-store/migrate.ts'
import type { Tables } from '../../../shared/database.ts'
import { ask } from '../../databases.ts'
import { ownPostgres } from '../../servers.ts'

const { url } = await ownPostgres()

function open() {
  const asked: string[] = []
  const dialect = new PostgresDialect({ pool: new pg.Pool({ connectionString: url }) })
  const db = new Kysely<Tables>({ dialect, log: ({ query }) => void asked.push(query.sql) })
  onTestFinished(() => db.destroy())
  return { db, asked }
}

it('migrate() carries out what is missing, and works beside what a newer version has done', async () => {
  const { db, asked } = open()
  expect(await migrate(db)).toEqual(['0001-events', '0002-links', '0003-patterns'])
  // An older version is at work on the same tables.
  expect(asked.filter(text => /\b(drop|rename|truncate|alter column)\b/i.test(text))).toEqual([])
  expect(asked.filter(text => text.includes('create table')).length).toBeGreaterThan(5)
  await ask(url, 'alter table events add column newer text')
  await ask(url, "insert into kysely_migration (name, timestamp) values ('9999-newer', now()::text)")
  expect(await migrate(db)).toEqual([])
})
