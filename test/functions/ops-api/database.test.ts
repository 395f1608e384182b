import { sql } from 'kysely'
import { expect, it, vi } from 'vitest'
import { migrate } from '../../../functions/event-store/migrate.ts'
import { lazyDatabase } from '../../../functions/ops-api/database.ts'
import { openDatabase } from '../../../shared/adapters/database.ts'
import { quiet } from '../../quiet.ts'
import { ownNats, ownPostgres, sharedRedis } from '../../servers.ts'
import { openApi, openBus } from './rig.ts'

const [nats, postgres] = await Promise.all([ownNats(), ownPostgres()])
await openBus(nats.url)

it('without a database events cannot be asked for, and all else can', async () => {
  const api = await openApi({ nats: nats.url, redis: sharedRedis() })
  for (const path of ['/query', '/aggregate', '/events', '/events/ops.%3E', '/correlations/a', '/patterns'])
    expect(await api.ask('GET', path), path).toMatchObject({
      status: 503,
      message: 'No database is configured: set DATABASE_URL',
    })
  expect(await api.ask('GET', '/silences')).toMatchObject({ status: 200 })
})

it('a database that is empty, away and back again is told from one that is there, and holds up nothing else', async () => {
  const api = await openApi({ nats: nats.url, redis: sharedRedis() }, { env: { DATABASE_URL: postgres.url } })
  expect(await api.ask('GET', '/query')).toMatchObject({
    status: 503,
    message: 'The database has no events yet: event-store makes the tables when it starts',
  })
  const { db, close } = openDatabase(postgres.url, { name: 'test', most: 1, patience: 10_000, log: quiet })
  await migrate(db)
  await close()
  expect(await api.ask('GET', '/query')).toMatchObject({ status: 200, data: { list: [] } })
  await postgres.kill()
  const away = await api.ask('GET', '/aggregate')
  expect(away).toMatchObject({ status: 503, message: 'The database is away: ask again later' })
  expect(away.headers.get('retry-after')).toBe('2')
  expect(await api.ask('GET', '/silences')).toMatchObject({ status: 200 })
  await postgres.restart()
  await vi.waitFor(async () => expect((await api.ask('GET', '/query')).status).toBe(200), { timeout: 20_000 })
})

it('what is stored can be asked for while NATS is away', async () => {
  const other = await ownNats()
  const api = await openApi(
    { nats: other.url, redis: sharedRedis() },
    { env: { DATABASE_URL: postgres.url } },
  )
  await other.kill()
  await vi.waitFor(async () => expect((await api.ask('GET', '/deadletters')).status).toBe(503), {
    timeout: 15_000,
  })
  for (const path of ['/query', '/aggregate', '/events', '/events/ops.%3E', '/correlations', '/patterns'])
    expect(await api.ask('GET', path), path).toMatchObject({ status: 200 })
  expect(await api.ask('GET', '/correlations/a')).toMatchObject({ status: 404 })
})

it('a question that takes too long is ended, with what to do', async () => {
  const database = lazyDatabase(postgres.url, quiet, 200)
  expect(await database.ask(db => sql`select pg_sleep(30)`.execute(db))).toEqual({
    status: 504,
    message:
      'The database took longer than 0.2 s: narrow the range with start_time and end_time, or ask for less',
  })
  await database.close()
})

it('what is wrong with the question itself is a failure of ours', async () => {
  const database = lazyDatabase(postgres.url, quiet)
  await expect(database.ask(db => sql`select 1 / 0`.execute(db))).rejects.toThrow('division by zero')
  await database.close()
})
