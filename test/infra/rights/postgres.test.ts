import { Client } from 'pg'
import { describe, expect, inject, it, onTestFinished } from 'vitest'
import { migrate } from '../../../functions/event-store/migrate.ts'
import { openDatabase } from '../../../shared/adapters/database.ts'
import { logOf } from '../../../shared/log.ts'
import { postgresWithRoles, someSecrets, urlWith } from './servers.ts'

const secrets = someSecrets()
const postgres = await postgresWithRoles(secrets)
const url = postgres?.url ?? ''
const passwordOf = (login: string) =>
  secrets.find(({ name }) => name === `ops-postgres-${login}`)?.data.password ?? ''

async function as(login: string): Promise<Client> {
  const client = new Client({ connectionString: urlWith(url, login, passwordOf(login)) })
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

const day = 'events_1d_20260101'
const makeDay = `CREATE TABLE ${day} (LIKE events INCLUDING DEFAULTS)`

// The embedded database, where there is no other, has one user who may do everything.
describe.skipIf(inject('noPostgres'))('PostgreSQL', () => {
  it.each(['event-store', 'event-store-2'])(
    'lets %s make the tables, and each what the other made',
    async login => {
      const { db, close } = openDatabase(urlWith(url, login, passwordOf(login)), {
        ...{ name: 'event-store', most: 1, patience: 10_000, log: logOf('test', 'error') },
      })
      onTestFinished(close)
      await migrate(db)
      const client = await as(login)
      await client.query(makeDay)
      const other = await as(login === 'event-store' ? 'event-store-2' : 'event-store')
      await other.query(`DROP TABLE ${day}`)
    },
  )

  it.each(['ops-api', 'ops-api-2'])('lets %s read all of it, and nothing else', async login => {
    const client = await as(login)
    for (const table of ['events', 'counts', 'subjects', 'links', 'templates'])
      await expect(client.query(`SELECT count(*) FROM ${table}`)).resolves.toMatchObject({ rowCount: 1 })
    const denied = [
      ...["INSERT INTO subjects VALUES ('a', now(), now(), 1)", 'DELETE FROM events', 'TRUNCATE counts'],
      ...['UPDATE counts SET events = 0', 'DROP TABLE subjects', 'ALTER TABLE subjects ADD COLUMN x int'],
      ...[makeDay, 'CREATE TEMP TABLE x (a int)', 'CREATE ROLE x', 'CREATE DATABASE x', 'CREATE SCHEMA x'],
      ...[
        'SET ROLE "event-store"',
        'ALTER ROLE "event-store" PASSWORD \'x\'',
        "COPY subjects FROM '/etc/passwd'",
      ],
      ...["COPY subjects TO PROGRAM 'true'", "SELECT pg_read_file('/etc/passwd')", 'CREATE EXTENSION dblink'],
    ]
    for (const statement of denied) await expect(client.query(statement), statement).rejects.toThrow(refusal)
  })

  it.each([
    'CREATE ROLE x',
    'CREATE DATABASE x',
    'CREATE SCHEMA x',
    'SET ROLE "ops-api"',
    "COPY subjects TO PROGRAM 'true'",
    "SELECT pg_read_file('/etc/passwd')",
  ])('refuses event-store: %s', async statement => {
    for (const login of ['event-store', 'event-store-2'])
      await expect((await as(login)).query(statement)).rejects.toThrow(refusal)
  })

  it('lets nobody in without a password, nor with that of another', async () => {
    for (const password of ['', passwordOf('ops-api')]) {
      const client = new Client({ connectionString: urlWith(url, 'event-store', password), password })
      await expect(client.connect()).rejects.toThrow(/password/)
    }
  })
})

const refusal = /permission denied|must be owner|must be (a )?(superuser|member)|cannot set|not permitted/
