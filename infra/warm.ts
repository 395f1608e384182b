// `node warm.ts <bundle folder> [<cache folder>]` runs the bundle there once, without any server, and keeps what V8
// compiled of it; index.js of the bundle takes it from then on, of `.cache` beside it or where NODE_COMPILE_CACHE says.
// This file needs Node and no shell: an image's build runs it in the image, since another version of Node and other
// NODE_OPTIONS refuse what was kept. Whose files they are does not matter, only that they can be read.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

// What the configuration of any process takes. Nobody is at these addresses.
const nobody = '127.0.0.1:1'
const token = 'only to fill the cache'
const standIns = {
  EVENT_CLUSTER: 'cache',
  EVENT_ENDPOINT: `nats://${nobody}`,
  REDIS_URL: `redis://${nobody}`,
  DATABASE_URL: `postgres://${nobody}/cache`,
  INGEST_URL: `http://${nobody}`,
  BRIDGE_TOKEN: token,
  SERVER_TOKEN: token,
  HOOK_SEAL_KEY: Buffer.alloc(32).toString('base64'),
  PORT: '0',
  LOG_LEVEL: 'info',
}
const patience = 60_000
/** Of the first event, for which a function would wait for its servers. */
const moment = 700

const event = {
  ...{
    specversion: '1.0',
    id: 'cache',
    source: 'cache',
    type: 'Kube',
    subject: 'ops.clusters.cache.nodes.n.events',
  },
  ...{ hook: 'cache/cache', hookrevision: '1', deliveryid: 'cache' },
  data: { reason: 'Cache', message: 'The first event', type: 'Warning' },
}
const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/cloudevents+json' }

const [bundle, cache] = process.argv.slice(2)
if (!bundle) throw new Error('Say which bundle: node warm.ts <bundle folder> [<cache folder>]')
await warm(resolve(bundle), resolve(cache ?? join(bundle, '.cache')))

async function warm(bundle: string, cache: string): Promise<void> {
  for (const old of keptIn(cache)) rmSync(join(cache, old))
  mkdirSync(cache, { recursive: true })
  const child = spawn(process.execPath, [join(bundle, 'index.js')], {
    env: { ...process.env, ...standIns, RESOURCES_DIR: cache, NODE_COMPILE_CACHE: cache, KEEP_COMPILED: '1' },
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

/** It has to live; what becomes of an event without servers does not matter, only what is compiled for it. */
async function ask(url: string): Promise<void> {
  const { status } = await fetch(`${url}/healthz`)
  if (status !== 200) throw new Error(`/healthz answered ${status}`)
  const signal = AbortSignal.timeout(moment)
  await fetch(url, { method: 'POST', headers, body: JSON.stringify(event), signal }).catch(() => {})
}
