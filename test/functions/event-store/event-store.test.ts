import { spawnSync } from 'node:child_process'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ask } from '../../databases.ts'
import { ownPostgres, sharedNats } from '../../servers.ts'
import { hosts, startDoor } from '../door.ts'
import { backOff, backOffs } from './events.ts'
import { databasesOf } from './rig.ts'

const databases = databasesOf(await ownPostgres())

async function start(host: (typeof hosts)[number], url: string) {
  const env = { EVENT_ENDPOINT: sharedNats(), DATABASE_URL: url, PATTERN_COUNT: '1000000' }
  const store = await startDoor('event-store', { host, env })
  onTestFinished(() => store.kill())
  return store
}

describe.each(hosts)('event-store as a process, run by %s', host => {
  it('stores a batch, and answers for each event of it', async () => {
    const url = await databases.fresh()
    const store = await start(host, url)
    const tooLong = backOff(1, { id: 'x'.repeat(3_000) })
    const { status, rows } = await store.batch([...backOffs(3), tooLong, { id: 'none', source: 's' }])
    expect(status).toBe(200)
    expect(rows.map(row => row.status)).toEqual([200, 200, 200, 422, 422])
    expect(await ask(url, 'select count(*)::int from events')).toEqual([{ count: 3 }])
  })

  it('is ready without a database, and says of a batch that nothing was tried with it', async () => {
    const store = await start(host, 'postgres://ops@127.0.0.1:1/ops')
    const answer = await store.post(JSON.stringify(backOffs(2)), {
      'content-type': 'application/cloudevents-batch+json',
    })
    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({
      attempted: false,
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })
})

it('does not start with a retention that cannot be used, and says so as of any variable', () => {
  const door = new URL('../../../functions/event-store/index.ts', import.meta.url).pathname
  const env = {
    ...{ EVENT_ENDPOINT: 'nats://127.0.0.1:1', DATABASE_URL: 'postgres://ops@127.0.0.1:1/ops' },
    ...{ BRIDGE_TOKEN: '0123456789abcdef', RETENTION_FILE: '/there/is/none.yaml' },
  }
  const { status, stderr } = spawnSync(process.execPath, [door], { env, encoding: 'utf8' })
  expect(stderr).toBe(
    "Cannot start, the environment lacks what is needed:\n  RETENTION_FILE: ENOENT: no such file or directory, open '/there/is/none.yaml'\n",
  )
  expect(status).toBe(1)
})
