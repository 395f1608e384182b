import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildAll } from '../../infra/build.ts'
import { startEmbedded, startNats, startRedis } from '../../infra/local/servers.ts'
import { openNats } from '../../shared/adapters/nats.ts'
import { ensureStreams } from '../../shared/adapters/streams.ts'
import { logOf } from '../../shared/log.ts'
import { sha256 } from '../../shared/token.ts'
import { calls, halted, ready } from './calls.ts'
import { stackOf } from './stack.ts'
import { under } from './under.ts'

// node test/openfaas/index.ts --watchdog <of-watchdog>: each function of infra/openfaas/stack.yaml under the real one,
// with real servers. No package carries that program, so it is no test of `npm test`.
const { values } = parseArgs({ options: { watchdog: { type: 'string' } } })
if (!values.watchdog) throw new Error('Say where it is: node test/openfaas/index.ts --watchdog <of-watchdog>')

const dir = await mkdtemp(join(tmpdir(), 'ops-events-openfaas-'))
const [nats, redis, postgres] = await Promise.all([
  startNats({ dir: join(dir, 'nats') }),
  startRedis({ dir: join(dir, 'redis') }),
  startEmbedded({ dir: join(dir, 'postgres') }),
])
const log = logOf('openfaas', 'error')
const bus = openNats(nats.url, 'watcher', log)
await ensureStreams(await bus.opened, 1, log)
await bus.close()

const token = 'a-token-of-sixteen-and-more'
const every: Record<string, string> = {
  EVENT_ENDPOINT: nats.url,
  REDIS_URL: redis.url,
  DATABASE_URL: postgres.url,
  BRIDGE_TOKEN: token,
  HOOK_SEAL_KEY: Buffer.alloc(32, 7).toString('base64'),
  'tokens.yaml': `[{name: all, sha256: ${sha256(token)}, publish: ['ops.>'], read: ['ops.>'], rights: [admin]}]`,
}
const bundles = await buildAll(join(dir, 'dist'))
const told: Record<string, unknown>[] = []
for (const [name, of] of Object.entries(stackOf().functions)) {
  const bundle = bundles.find(one => one.name === name)?.file ?? ''
  const { child, url, lines } = await under(values.watchdog, {
    of,
    bundle,
    secrets: every,
    dir: join(dir, name),
  })
  const began = performance.now()
  const call = calls(name, { url, token })
  const row: Record<string, unknown> = { name, ...(await ready(url, child)) }
  row.readyAfter = `${Math.round(performance.now() - began)} ms`
  row.first = await call.one()
  row.batch = await call.many(50)
  row.stranger = await call.one('a-token-of-somebody-else')
  if (name === 'subject-ingest') {
    await nats.kill('SIGSTOP')
    row.busAway = await call.one()
    await nats.kill('SIGCONT')
  }
  Object.assign(row, await halted({ url, child, call }))
  told.push(row)
  if (row.ended !== 'code 0') console.log(lines.slice(-20).join('\n'))
}
for (const row of told) console.log(row)
await Promise.all([nats.kill(), redis.kill(), postgres.kill()])
await rm(dir, { recursive: true, force: true })
const whole = told.every(({ inFlight, ended }) => Number(inFlight) < 500 && ended === 'code 0')
process.exit(whole ? 0 : 1)
