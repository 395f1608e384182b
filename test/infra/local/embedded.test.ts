import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'
import { afterAll, expect, test } from 'vitest'
import { ownDatabase } from '../../../infra/local/database.ts'

const dir = await mkdtemp(join(tmpdir(), 'ops-events-'))
const quiet = { dir, say: () => {}, line: () => {} }
const { what, launch } = await ownDatabase({ ...quiet, env: { OPS_LOCAL_POSTGRES: 'embedded' } })
let life = await launch()
afterAll(async () => {
  await life.child.kill()
  await rm(dir, { recursive: true, force: true })
})

async function open(): Promise<Client> {
  const client = new Client({ connectionString: life.url })
  client.on('error', () => {})
  await client.connect()
  return client
}

test('the embedded database is taken where it is asked for, and no third kind is known', async () => {
  expect(what).toContain('embedded')
  await expect(ownDatabase({ ...quiet, env: { OPS_LOCAL_POSTGRES: 'sqlite' } })).rejects.toThrow(
    'OPS_LOCAL_POSTGRES is "sqlite"',
  )
})

test('who asks while another is in a transaction waits for its end, and sees all of it', async () => {
  const [writer, reader] = [await open(), await open()]
  await writer.query('CREATE TABLE kept (id int)')
  await writer.query('BEGIN')
  await writer.query('INSERT INTO kept SELECT generate_series(1, $1::int)', [10])
  const read = reader.query('SELECT count(*)::int AS n FROM kept')
  expect(await Promise.race([read, pause(200, 'nothing')])).toBe('nothing')
  await writer.query('INSERT INTO kept VALUES ($1)', [11])
  await writer.query('COMMIT')
  expect((await read).rows).toEqual([{ n: 11 }])
  await Promise.all([writer.end(), reader.end()])
})

test('many clients at once get each its own answers, also where some are errors', async () => {
  const clients = await Promise.all(Array.from({ length: 8 }, open))
  const asked = clients.map(async (client, index) => {
    for (let turn = 1; turn <= 20; turn++) {
      const divisor = index % 2 === 0 ? 0 : 1
      const answer = await client
        .query('SELECT $1::int / $2::int AS n', [index * turn, divisor])
        .catch(String)
      if (divisor === 0) expect(answer).toContain('division by zero')
      else expect(answer).toMatchObject({ rows: [{ n: index * turn }] })
    }
    await client.end()
  })
  await Promise.all(asked)
})

test('who is lost in a transaction holds up nobody, and leaves nothing', async () => {
  const [lost, other] = [await open(), await open()]
  await lost.query('BEGIN')
  await lost.query('DELETE FROM kept')
  const read = other.query('SELECT count(*)::int AS n FROM kept')
  // Without a word, as a process ends by kill -9.
  lost.connection.stream.destroy()
  expect((await read).rows).toEqual([{ n: 11 }])
  await other.end()
})

test('it runs again on the same port with what was committed, after a kill -9', async () => {
  const { port } = life
  await life.child.kill()
  life = await launch()
  expect(life.port).toBe(port)
  const client = await open()
  expect((await client.query('SELECT count(*)::int AS n FROM kept')).rows).toEqual([{ n: 11 }])
  await client.end()
})
