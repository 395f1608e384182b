// `node warm.ts <bundle folder> [<cache folder>]` runs the bundle there once, with no servers but the pretended ones
// below, and keeps what V8 compiled of it; index.js of the bundle takes it from then on, of `.cache` beside it or where
// NODE_COMPILE_CACHE says.
// This file needs Node and no shell: an image's build runs it in the image, since another version of Node and other
// NODE_OPTIONS refuse what was kept. Whose files they are does not matter, only that they can be read.
import { spawn } from 'node:child_process'
import { createCipheriv, hash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

// What the configuration of any process takes. Nobody is at this address.
const nobody = '127.0.0.1:1'
const token = 'only-to-fill-the-cache'
const key = Buffer.alloc(32)
const standIns = {
  EVENT_CLUSTER: 'cache',
  INGEST_URL: `http://${nobody}`,
  BRIDGE_TOKEN: token,
  SERVER_TOKEN: token,
  HOOK_SEAL_KEY: key.toString('base64'),
  ALLOW_LOOPBACK_TARGETS: 'true',
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
    time: new Date().toISOString(),
  },
  ...{ hook: 'cache/cache', hookrevision: '1', deliveryid: 'cache' },
  data: { reason: 'Cache', message: 'The first event', type: 'Warning' },
}
/** The only hook, as hooks lie in Redis: it fires for the event above, and its deliveries go to this address. */
const hooksTo = (receiver: string) =>
  JSON.stringify([
    {
      ...{ id: 'cache/cache', namespace: 'cache', name: 'cache', revision: '1', type: 'webhook' },
      ...{
        subject: 'ops.>',
        include: ['cache'],
        exclude: ['never'],
        matchMode: 'ANY',
        matchType: 'CONTAINS',
      },
      sealed: sealed({ url: `http://${receiver}`, options: {}, additional: '' }, 'cache/cache'),
    },
  ])

/** As shared/seal.ts does it. */
function sealed(destination: object, about: string): string {
  const nonce = Buffer.alloc(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(about))
  const body = Buffer.concat([cipher.update(JSON.stringify(destination)), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64')
}

const [bundle, cache] = process.argv.slice(2)
if (!bundle) throw new Error('Say which bundle: node warm.ts <bundle folder> [<cache folder>]')
await warm(resolve(bundle), resolve(cache ?? join(bundle, '.cache')))

async function warm(bundle: string, cache: string): Promise<void> {
  for (const old of keptIn(cache)) rmSync(join(cache, old))
  mkdirSync(cache, { recursive: true })
  const receiver = await pretended(receiverLike)
  const hooks = hooksTo(receiver.address)
  const nats = await pretended(socket => natsLike(socket, hooks))
  const redis = await pretended(socket => redisLike(socket, hooks))
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
function natsLike(socket: Socket, hooks: string) {
  const about = {
    server_id: 'cache',
    version: '2.12.0',
    proto: 1,
    headers: true,
    max_payload: 1_048_576,
    jetstream: true,
  }
  socket.write(`INFO ${JSON.stringify(about)}\r\n`)
  // KV names a part for what lies there (shared/adapters/hooks.ts).
  const part = `part.${hash('sha256', hooks).slice(0, 32)}`
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
function redisLike(socket: Socket, hooks: string) {
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

/** As PostgreSQL: it does whatever it is asked for, and has no row of anything. */
function postgresLike(socket: Socket) {
  const message = (type: string, body = '') => `${type}\0\0\0${String.fromCharCode(body.length + 4)}${body}`
  const [done, ready] = [message('C', 'SELECT 0\0'), message('Z', 'I')]
  const answers: Record<string, string> = {
    ...{ Q: done + ready, P: message('1'), B: message('2'), D: message('n'), E: done, S: ready },
  }
  let started = false

  return (said: string): string => {
    let at = 0
    for (;;) {
      // What begins a connection has no type before its length.
      const head = started ? 1 : 0
      if (said.length < at + head + 4) return said.slice(at)
      const next = at + head + Buffer.from(said.slice(at + head, at + head + 4), 'latin1').readUInt32BE()
      if (said.length < next) return said.slice(at)
      socket.write(started ? (answers[said[at] ?? ''] ?? '') : message('R', '\0\0\0\0') + ready)
      started = true
      at = next
    }
  }
}

/** As a receiver of deliveries: it is content with the head of a request. */
function receiverLike(socket: Socket) {
  return (said: string): string => {
    if (said.includes('\r\n\r\n')) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
    return ''
  }
}
