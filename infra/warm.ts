// `node warm.ts <bundle folder> [<cache folder>]` runs the bundle there once, with no servers but the pretended ones
// in warm/, and keeps what V8 compiled of it; index.js of the bundle takes it from then on, of `.cache` beside it or where
// NODE_COMPILE_CACHE says.
// It needs Node and no shell: an image's build runs it in the image, since another version of Node and other
// NODE_OPTIONS refuse what was kept. Whose files they are does not matter, only that they can be read.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { partsOf } from '../shared/adapters/hooks.ts'
import type { CompiledHook, Destination } from '../shared/hookset.ts'
import { sealWith } from '../shared/seal.ts'
import { natsLike } from './warm/nats.ts'
import { postgresLike } from './warm/postgres.ts'
import { pretended } from './warm/pretended.ts'
import { receiverLike } from './warm/receiver.ts'
import { redisLike } from './warm/redis.ts'

// What the configuration of any process takes. Nobody is at this address.
const nobody = '127.0.0.1:1'
const token = 'only-to-fill-the-cache'
const key = Buffer.alloc(32).toString('base64')
const standIns = {
  EVENT_CLUSTER: 'cache',
  INGEST_URL: `http://${nobody}`,
  BRIDGE_TOKEN: token,
  SERVER_TOKEN: token,
  HOOK_SEAL_KEY: key,
  ALLOW_LOOPBACK_TARGETS: 'true',
  PORT: '0',
  LOG_LEVEL: 'info',
}
const patience = 60_000
/** Of the first event, for which a function would wait for its servers. */
const moment = 3_000

const event = {
  ...{ specversion: '1.0', id: 'cache', source: 'cache', type: 'Kube', time: new Date().toISOString() },
  subject: 'ops.clusters.cache.nodes.n.events',
  ...{ hook: 'cache/cache', hookrevision: '1', deliveryid: 'cache' },
  data: { reason: 'Cache', message: 'The first event', type: 'Warning' },
}
/** The only hook: it fires for the event above, and its deliveries go to this address. */
const hookTo = (receiver: string): CompiledHook => ({
  ...{ id: 'cache/cache', namespace: 'cache', name: 'cache', revision: '1', type: 'webhook' },
  ...{ subject: 'ops.>', include: ['cache'], exclude: ['never'], matchMode: 'ANY', matchType: 'CONTAINS' },
  sealed: sealWith(key).close(
    JSON.stringify({ url: `http://${receiver}`, options: {}, additional: '' } satisfies Destination),
    'cache/cache',
  ),
})

const [bundle, cache] = process.argv.slice(2)
if (!bundle) throw new Error('Say which bundle: node warm.ts <bundle folder> [<cache folder>]')
await warm(resolve(bundle), resolve(cache ?? join(bundle, '.cache')))

async function warm(bundle: string, cache: string): Promise<void> {
  for (const old of keptIn(cache)) rmSync(join(cache, old))
  mkdirSync(cache, { recursive: true })
  const receiver = await pretended(receiverLike)
  const [[part, hooks] = ['', '']] = partsOf([hookTo(receiver.address)])
  const nats = await pretended(natsLike(part))
  const redis = await pretended(redisLike(hooks))
  const postgres = await pretended(postgresLike)
  const servers = {
    EVENT_ENDPOINT: `nats://${nats.address}`,
    REDIS_URL: `redis://${redis.address}`,
    DATABASE_URL: `postgres://cache@${postgres.address}/cache`,
  }
  const child = spawn(process.execPath, [join(bundle, 'index.js')], {
    env: {
      ...{ ...process.env, ...standIns, ...servers },
      ...{ RESOURCES_DIR: cache, NODE_COMPILE_CACHE: cache, KEEP_COMPILED: '1' },
    },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: patience,
    killSignal: 'SIGKILL',
  })
  const exit = once(child, 'exit')
  const printed: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    printed.push(line)
    if (!line.includes('"msg":"Listening"')) continue
    await ask(`http://127.0.0.1:${JSON.parse(line).port}`).catch(error => {
      child.kill('SIGKILL')
      throw error
    })
    // What was compiled is kept by a process that ends, and by none that is killed.
    child.kill('SIGTERM')
  }
  const [code, signal] = await exit
  for (const server of [receiver, nats, redis, postgres]) server.close()
  if (code !== 0)
    throw new Error(
      `${bundle} ended with ${signal ?? `code ${code}`}, nothing is kept:\n${printed.join('\n')}`,
    )
  if (keptIn(cache).length === 0) throw new Error(`${bundle} ran, and left nothing in ${cache}`)
}

function keptIn(cache: string): string[] {
  try {
    return readdirSync(cache).filter(name => name.startsWith('program-'))
  } catch {
    return []
  }
}

/** It has to live; each function knows some of what is asked, and does for it what it will do at its starts. */
async function ask(url: string): Promise<void> {
  const { status } = await fetch(`${url}/healthz`)
  if (status !== 200) throw new Error(`/healthz answered ${status}`)
  const signal = AbortSignal.timeout(moment)
  const asked = [
    { path: '/', type: 'application/cloudevents+json', body: event },
    { path: '/api/v1/namespaces/cache/events/pods.cache.events', type: 'application/json', body: event.data },
    { path: '/api/v1/query?limit=1' },
  ]
  for (const { path, type = '', body } of asked) {
    const headers = { authorization: `Bearer ${token}`, 'content-type': type }
    const method = body ? 'POST' : 'GET'
    const asking = fetch(url + path, { method, headers, body: JSON.stringify(body) ?? null, signal })
    const status = (await asking.catch(() => undefined))?.status ?? 'nothing'
    if (status === 401) throw new Error(`${path} knows no such token`)
    console.log(`${method} ${path} was answered with ${status}`)
  }
}
