import { Client } from 'pg'
import { describe, expect, inject, test } from 'vitest'
import { postgresVersionIn } from '../../../infra/local/programs/postgres.ts'
import { ownPostgres } from '../../servers.ts'

describe.skipIf(inject('noPostgres'))('a PostgreSQL of its own', async () => {
  const postgres = await ownPostgres()

  const ask = async (statement: string, timeout = 10_000) => {
    const client = new Client({ connectionString: postgres.url, connectionTimeoutMillis: timeout })
    client.on('error', () => {})
    try {
      await client.connect()
      return (await client.query(statement)).rows
    } finally {
      await client.end().catch(() => {})
    }
  }

  test('is empty, in UTF-8, and lets in nobody who may do everything', async () => {
    expect(await ask("SELECT count(*)::int AS n FROM pg_tables WHERE schemaname = 'public'")).toEqual([
      { n: 0 },
    ])
    expect(await ask('SHOW server_encoding')).toEqual([{ server_encoding: 'UTF8' }])
    expect(await ask('SELECT rolsuper FROM pg_roles WHERE rolname = current_user')).toEqual([
      { rolsuper: false },
    ])
    const owner = new Client({ connectionString: postgres.url.replace('ops@', 'owner@') })
    await expect(owner.connect()).rejects.toThrow('no pg_hba.conf entry')
  })

  test('runs again on the same port with what was committed, after a kill -9', async () => {
    const { pid, port } = postgres
    await ask('CREATE TABLE kept (id int PRIMARY KEY)')
    await ask('INSERT INTO kept SELECT generate_series(1, 1000)')
    await postgres.kill()
    await expect(ask('SELECT 1', 1_000)).rejects.toThrow(/ECONNREFUSED|ECONNRESET/)
    await postgres.restart()
    expect(postgres.pid).not.toBe(pid)
    expect(postgres.port).toBe(port)
    expect(await ask('SELECT count(*)::int AS n FROM kept')).toEqual([{ n: 1000 }])
  })

  test('stops answering on open connections too while it is stopped', async () => {
    const client = new Client({ connectionString: postgres.url })
    await client.connect()
    await postgres.kill('SIGSTOP')
    const answer = client.query('SELECT 1 AS one')
    const first = await Promise.race([answer, new Promise(resolve => setTimeout(resolve, 300, 'nothing'))])
    expect(first).toBe('nothing')
    await postgres.kill('SIGCONT')
    expect((await answer).rows).toEqual([{ one: 1 }])
    await client.end()
  })

  test('ends at once although somebody is connected', async () => {
    const client = new Client({ connectionString: postgres.url })
    client.on('error', () => {})
    await client.connect()
    const began = Date.now()
    // Waiting for whoever is connected it would be killed after this.
    const grace = 60_000
    await postgres.stop(grace)
    expect(Date.now() - began).toBeLessThan(grace / 2)
    await postgres.restart()
  })
})

test.each([
  ['postgres (PostgreSQL) 15.9 (Debian 15.9-0+deb12u1)', '15.9'],
  ['postgres (PostgreSQL) 18beta1', '18beta1'],
  ['postgres (PostgreSQL) 17.2', '17.2'],
  ['redis-server 7', undefined],
])('the version in "%s" is %s', (text, version) => {
  expect(postgresVersionIn(text)).toBe(version)
})
