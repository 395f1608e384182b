import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildAll } from '../../infra/build.ts'
import { startEmbedded, startNats, startRedis } from '../../infra/local/servers.ts'
import { bundlesIn } from '../built.ts'
import { callsOf, ids } from '../calls.ts'
import { halted } from './halted.ts'
import { stackOf } from './stack.ts'
import { statusOf, under } from './under.ts'

// node test/openfaas/index.ts --watchdog <of-watchdog>: what watchdog.test.ts asks, and what only newer ones than that
// of the test know: readiness, max_inflight, and streams.
const { values } = parseArgs({ options: { watchdog: { type: 'string' } } })
if (!values.watchdog) throw new Error('Say where it is: node test/openfaas/index.ts --watchdog <of-watchdog>')

const dir = await mkdtemp(join(tmpdir(), 'ops-events-openfaas-'))
const [nats, redis, postgres] = await Promise.all([
  startNats({ dir: join(dir, 'nats') }),
  startRedis({ dir: join(dir, 'redis') }),
  startEmbedded({ dir: join(dir, 'postgres') }),
])
const dist = join(dir, 'dist')
await buildAll(dist)
const at = { dir, nats: nats.url, redis: redis.url, postgres: postgres.url }
const { local, bundleOf } = await bundlesIn(dist, at)

let whole = true
for (const name of Object.keys(stackOf().functions)) {
  const { file } = bundleOf(name)
  const began = performance.now()
  const { child, url, of } = await under(values.watchdog, { name, file, local, dir: join(dir, name) })
  const row: Record<string, unknown> = { name, readyAfter: Math.round(performance.now() - began) }
  const calls = callsOf(name, { url, tokens: local })
  const posted = async (names: string[], token?: string) => {
    const answer = await calls.post(names, token)
    return [answer.status, answer.headers.get('retry-after'), (await answer.text()).slice(0, 90)].join(' ')
  }
  row.healthy = await statusOf(`${url}/_/health`)
  row.ready = await statusOf(`${url}/_/ready`)
  row.first = await posted(['first'])
  row.batch = await posted(ids(50))
  row.stranger = await posted(['strange'], 'a-token-of-somebody-else')
  if (name === 'subject-ingest') {
    await nats.kill('SIGSTOP')
    row.busAway = await posted(['away'])
    await nats.kill('SIGCONT')
  }
  // As many as it takes are held half, and then comes one more.
  const most = Number(of.environment.max_inflight)
  const held = await Promise.all(ids(most, 'held').map(calls.half))
  row.crowd = await posted(['crowd'])
  await Promise.all(held.map(rest => rest()))
  if (name === 'ops-api') {
    const headers = { authorization: `Bearer ${local.token}`, accept: 'text/event-stream' }
    const reader = (await fetch(`${url}/api/v1/tail`, { headers })).body?.getReader()
    row.tail = Buffer.from((await reader?.read())?.value ?? []).toString()
    await reader?.cancel()
  }
  const end = await halted({ url, child, ...calls })
  console.log({ ...row, ...end })
  whole &&= end.held === calls.answers && end.ended === 'code 0'
  if (!whole) console.log(child.tail())
}
await Promise.all([nats.kill(), redis.kill(), postgres.kill()])
await rm(dir, { recursive: true, force: true })
process.exit(whole ? 0 : 1)
