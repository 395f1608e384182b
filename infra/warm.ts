// `node warm.ts <bundle folder> [<cache folder>]` runs the bundle there once, with no servers but the pretended ones
// below, and keeps what V8 compiled of it; index.js of the bundle takes it from then on, of `.cache` beside it or where
// NODE_COMPILE_CACHE says.
// This file needs Node and no shell: an image's build runs it in the image, since another version of Node and other
// NODE_OPTIONS refuse what was kept. Whose files they are does not matter, only that they can be read.
import { spawn } from 'node:child_process'
import { hash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

// What the configuration of any process takes. Nobody is at this address.
const nobody = '127.0.0.1:1'
const token = 'only-to-fill-the-cache'
const standIns = {
  EVENT_CLUSTER: 'cache',
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
const moment = 3_000

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
/** The one there is: it fires for the event above. */
const hook = {
  ...{ id: 'cache/cache', namespace: 'cache', name: 'cache', revision: '1', type: 'webhook', sealed: '' },
  ...{ subject: 'ops.>', include: ['cache'], exclude: ['never'], matchMode: 'ANY', matchType: 'CONTAINS' },
}

/** As hooks lie in Redis, and how KV names what lies there (shared/adapters/hooks.ts): it is not looked at otherwise. */
const hooks = JSON.stringify([hook])
const part = `part.${hash('sha256', hooks).slice(0, 32)}`

const [bundle, cache] = process.argv.slice(2)
if (!bundle) throw new Error('Say which bundle: node warm.ts <bundle folder> [<cache folder>]')
await warm(resolve(bundle), resolve(cache ?? join(bundle, '.cache')))

async function warm(bundle: string, cache: string): Promise<void> {
  for (const old of keptIn(cache)) rmSync(join(cache, old))
  mkdirSync(cache, { recursive: true })
  const nats = await pretended(natsLike)
  const redis = await pretended(redisLike)
  const servers = { EVENT_ENDPOINT: `nats://${nats.address}`, REDIS_URL: `redis://${redis.address}` }
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
  nats.close()
  redis.close()
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
  const asked = [
    { path: '/', type: 'application/cloudevents+json', body: event },
    { path: '/api/v1/namespaces/cache/events/pods.cache.events', type: 'application/json', body: event.data },
  ]
  for (const { path, type, body } of asked) {
    const headers = { authorization: `Bearer ${token}`, 'content-type': type }
    const answer = fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body), signal })
    if ((await answer.catch(() => undefined))?.status === 401) throw new Error(`${path} knows no such token`)
  }
}

/** A server on a port of its own, that answers what one connection has said, as far as it can be read. */
async function pretended(speak: (socket: Socket) => (said: string) => string) {
  const sockets = new Set<Socket>()
  const server: Server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    const rest = speak(socket)
    let said = ''
    socket.setEncoding('latin1').on('data', (text: string) => {
      said = rest(said + text)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    address: `127.0.0.1:${port}`,
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** As NATS: every publish is stored, and every question is answered with the same, which any of them finds its part in. */
function natsLike(socket: Socket) {
  const about = {
    server_id: 'cache',
    version: '2.12.0',
    proto: 1,
    headers: true,
    max_payload: 1_048_576,
    jetstream: true,
  }
  socket.write(`INFO ${JSON.stringify(about)}\r\n`)
  const manifest = btoa(JSON.stringify({ revision: 'cache', parts: [part], before: [] }))
  const state = { messages: 0, bytes: 0, first_seq: 0, last_seq: 0, consumer_count: 0 }
  const stored = {
    stream: 'cache',
    seq: 1,
    type: 'cache',
    config: { name: 'cache' },
    created: '2026-01-01T00:00:00Z',
    state,
  }
  const message = { subject: '$KV.hooks.current', seq: 1, data: manifest, time: '2026-01-01T00:00:00Z' }
  const answer = JSON.stringify({ ...stored, message })
  const inboxes = new Map<string, string>()

  return (said: string): string => {
    let at = 0
    for (;;) {
      const end = said.indexOf('\r\n', at)
      if (end < 0) return said.slice(at)
      const [verb = '', subject = '', ...more] = said.slice(at, end).split(' ')
      const published = /^H?PUB$/.test(verb)
      const next = end + 2 + (published ? Number(more.at(-1)) + 2 : 0)
      if (said.length < next) return said.slice(at)
      if (verb === 'PING') socket.write('PONG\r\n')
      if (verb === 'SUB') inboxes.set(subject.replace(/\*$/, ''), more.at(-1) ?? '')
      const reply = published && more.length > (verb === 'PUB' ? 1 : 2) ? (more[0] ?? '') : ''
      const sid = inboxes.get(reply.replace(/[^.]*$/, ''))
      if (sid) socket.write(`MSG ${reply} ${sid} ${answer.length}\r\n${answer}\r\n`)
      at = next
    }
  }
}

/** As Redis: it keeps nothing but the hooks. */
function redisLike(socket: Socket) {
  const bulk = (text: string) => `$${text.length}\r\n${text}\r\n`
  const answers: Record<string, (args: number) => string> = {
    hello: () => `%1\r\n${bulk('server')}${bulk('redis')}`,
    info: () => bulk('redis_version:7.0.0\r\nloading:0\r\n'),
    get: () => bulk(hooks),
    mget: keys => `*${keys}\r\n${'_\r\n'.repeat(keys)}`,
    eval: () => '_\r\n',
  }

  return (said: string): string => {
    let rest = said
    for (;;) {
      const count = Number(/^\*(\d+)\r\n/.exec(rest)?.[1])
      // Its arguments are texts of ours, with no line of their own that looks like a length.
      const command = new RegExp(`^\\*${count}\\r\\n(?:\\$\\d+\\r\\n[^]*?\\r\\n){${count}}(?=\\*|$)`).exec(
        rest,
      )?.[0]
      if (!command) return rest
      const verb = command.split('\r\n')[2]?.toLowerCase() ?? ''
      socket.write(answers[verb]?.(count - 1) ?? '+OK\r\n')
      rest = rest.slice(command.length)
    }
  }
}
