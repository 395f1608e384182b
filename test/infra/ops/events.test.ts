import { expect, it } from 'vitest'
import { run } from '../../../infra/ops/run.ts'
import { openStored } from '../../functions/ops-api/events/rig.ts'
import { openApi, token } from '../../functions/ops-api/rig.ts'
import { ownNats, sharedRedis } from '../../servers.ts'
import { stored } from '../../stored.ts'

const [nats, { server, store }] = await Promise.all([ownNats(), openStored()])
const api = await openApi({ nats: nats.url, redis: sharedRedis() }, { env: { DATABASE_URL: server.url } })
const now = Date.now()
const back = (ago: number, name: string, more = {}) =>
  stored({
    at: now - ago * 60_000,
    name,
    reason: 'BackOff',
    severity: 'warning',
    message: 'Back-off \u001b[2J',
    ...more,
  })
const failed = back(3, 'web-2', { reason: 'Failed', severity: 'error' })
await store([
  back(1, 'web-1'),
  back(2, 'web-1'),
  failed,
  back(300, 'web-3'),
  back(4, 'db-1', { namespace: 'bank' }),
])

async function ops(...args: string[]): Promise<string> {
  const lines: string[] = []
  const print = (text: string) => void lines.push(text)
  const env = { OPS_API: api.url, OPS_TOKEN: token }
  await run(args, { env, local: undefined, now: Date.now(), print, warn: print })
  return lines.join('\n')
}

it('ops events lists what was kept', async () => {
  const listed = await ops(
    'events',
    'ops.clusters.*.namespaces.shop.>',
    '--since',
    '1h',
    '--severity',
    'warning',
  )
  expect(listed).toMatch(/^TIME +SEVERITY +NAMESPACE +OBJECT +REASON +TIMES +MESSAGE\n/)
  expect(listed.split('\n')).toHaveLength(3)
  expect(listed).toMatch(/ warning +shop +Pod\/web-1 +BackOff +1 +Back-off {2}\[2J$/)
  expect((await ops('events', '--since', '1d')).split('\n')).toHaveLength(6)
  const first = await ops('events', '--since', '1d', '--limit', '2')
  const cursor = /\nThere are more: .* --cursor (\S+) goes on$/.exec(first)?.[1] ?? ''
  const rest = await ops('events', '--since', '1d', '--cursor', cursor)
  expect(rest.split('\n')).toHaveLength(6 - 2)
  expect(await ops('events', '--reason', 'None')).toBe('There are no such events')
  expect(JSON.parse(await ops('events', '--json', '--name', 'web-2'))).toMatchObject({
    list: [{ reason: 'Failed' }],
  })
})

it('ops top counts', async () => {
  const counted = await ops('top', 'reason,namespace', '--since', '24h')
  expect(counted).toMatch(/^TIMES +PER MINUTE +LAST +REASON +NAMESPACE\n3 .* BackOff +shop\n/)
  expect(counted).toMatch(/\n3 of 3; 5 times in all$/)
})

it('ops story tells what hangs together', async () => {
  const told = await ops('story', failed.correlation ?? '')
  expect(told).toMatch(/^Pod shop\/web-2: error, 1 events from /)
  expect(told).toMatch(/\n1 +\S+ +error +shop +Pod\/web-2 +Failed/)
})

it('is refused in the words of ops-api, or of the command line', async () => {
  await expect(ops('events', '--since', 'yesterday')).rejects.toThrow('--since is "yesterday"')
  await expect(ops('top')).rejects.toThrow('Write it so: top <reason,namespace,…> [options]')
  await expect(ops('event')).rejects.toThrow('did you mean "events"?')
})
