import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http'
import { Agent, request as requestHttps } from 'node:https'
import { setTimeout as pause } from 'node:timers/promises'
import { isObject } from '../json.ts'
import { type Limit, limiter } from '../rate.ts'
import type { Access } from './kubeconfig.ts'
import { linesOf } from './lines.ts'

/** The API server said no. `status` is HTTP's or that of a Status inside of a watch, `after` what it asks for, in ms. */
export class KubernetesError extends Error {
  readonly status: number
  readonly reason: string
  readonly after: number | undefined
  constructor(status: number, reason: string, message: string, after?: number) {
    super(message)
    this.name = 'KubernetesError'
    this.status = status
    this.reason = reason
    this.after = after
  }
}

/** A request to the API server. Parameters that are undefined are left out. */
export type Ask = {
  method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  path: string
  query?: Record<string, string | number | undefined>
  body?: unknown
  contentType?: string
  /** What the answer is to be, where that is not plain JSON: a Table, or metadata alone. */
  accept?: string
  /** Ends it before its time. */
  signal?: AbortSignal
}

/** One line of a watch; a bookmark's object has only a resourceVersion. */
export type Change = { type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; object: unknown }

/** The hands on one cluster, as far as its credentials reach. */
export type Kubernetes = {
  /** The answer to a request, as JSON. @throws KubernetesError, or Error when nobody answered within 30 s */
  json(ask: Ask): Promise<unknown>
  /** The answer as its bytes come, which are read only as fast as they are taken. @throws as json() */
  stream(ask: Ask): Promise<AsyncIterable<Buffer>>
  /**
   * Resolves when the server has taken the watch. Its changes are read only as fast as they are taken, and end when
   * the server or `signal` ends them. @throws KubernetesError, of an ERROR line too, or Error when the connection breaks
   */
  watch(ask: Ask, signal: AbortSignal): Promise<AsyncIterable<Change>>
}

const patience = 30_000

/**
 * Opens a cluster. `pace`: how many requests a second, and how many at once after a pause. `keepAlive`: whether
 * connections are kept for the next request.
 */
export function openKubernetes(
  access: Access,
  pace: Limit = { rate: 20, burst: 40 },
  { keepAlive = true } = {},
): Kubernetes {
  const server = new URL(access.server)
  // A peer that is gone without a word is noticed by probes after 40 s of silence, where nothing answers in its stead.
  const agent = new Agent({ keepAlive, keepAliveMsecs: 30_000, ...access.tls })
  const limits = limiter(pace)

  async function turn(): Promise<void> {
    for (let wait = limits.wait('', performance.now()); wait > 0; wait = limits.wait('', performance.now())) {
      await pause(wait)
    }
    limits.charge('', 1, performance.now())
  }

  async function send(ask: Ask, signal: AbortSignal): Promise<IncomingMessage> {
    await turn()
    const { authorization, ...certificate } = await access.credentials()
    const options = {
      method: ask.method ?? 'GET',
      headers: {
        accept: ask.accept ?? 'application/json',
        ...(authorization && { authorization }),
        ...contentType(ask),
      },
      signal,
      timeout: patience,
    }
    const url = urlOf(server, ask)
    const body = ask.body === undefined ? undefined : JSON.stringify(ask.body)
    const answer = await exchange(body, taken =>
      url.protocol === 'http:'
        ? requestHttp(url, options, taken)
        : requestHttps(url, { ...options, ...certificate, agent }, taken),
    )
    if ((answer.statusCode ?? 0) >= 300) throw refusalOf(answer, await textOf(answer))
    return answer
  }

  return {
    json: async ask => JSON.parse(await textOf(await send(ask, inTime(ask)))),
    stream: async ask => chunksOf(await send(ask, inTime(ask))),
    watch: async (ask, signal) => changesOf(await send(ask, signal)),
  }
}

function exchange(
  body: string | undefined,
  open: (taken: (answer: IncomingMessage) => void) => ClientRequest,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = open(resolve)
    sent.on('timeout', () => sent.destroy(new Error(`${sent.host} did not answer within 30 s`)))
    sent.on('response', () => sent.setTimeout(0))
    sent.on('error', error => {
      // The server closed a connection that was kept in the moment in which it was taken again.
      const stale =
        sent.reusedSocket && sent.method === 'GET' && 'code' in error && error.code === 'ECONNRESET'
      if (stale) exchange(body, open).then(resolve, reject)
      else reject(error)
    })
    // Node says of a DELETE no length by itself: its body would be read as the next request of the connection.
    if (body !== undefined) sent.setHeader('content-length', Buffer.byteLength(body))
    sent.end(body)
  })
}

const inTime = ({ signal }: Ask): AbortSignal => {
  const late = AbortSignal.timeout(2 * patience)
  return signal ? AbortSignal.any([signal, late]) : late
}

async function* chunksOf(answer: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of answer) yield chunk
  } finally {
    answer.destroy()
  }
}

async function* changesOf(answer: IncomingMessage): AsyncGenerator<Change> {
  try {
    for await (const line of linesOf(answer)) yield changeOf(line)
  } finally {
    answer.destroy()
  }
}

function changeOf(line: unknown): Change {
  if (!isObject(line)) throw new Error('A line of a watch is no JSON object')
  const { type, object } = line
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
    case 'BOOKMARK':
      return { type, object }
    case 'ERROR':
      throw statusOf(object) ?? new Error('A watch reports an error without a Status')
    default:
      throw new Error(`A line of a watch has the type ${JSON.stringify(type)}`)
  }
}

function urlOf(server: URL, { path, query = {} }: Ask): URL {
  const url = new URL(server.href.replace(/\/$/, '') + path)
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) url.searchParams.set(name, String(value))
  return url
}

const contentType = ({ body, contentType: type = 'application/json' }: Ask) =>
  body === undefined ? {} : { 'content-type': type }

async function textOf(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of answer) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}

function refusalOf(answer: IncomingMessage, text: string): KubernetesError {
  const status = answer.statusCode ?? 0
  const after = Number(answer.headers['retry-after'])
  const said = statusOf(parsedOr(text))
  return new KubernetesError(
    status,
    said?.reason ?? '',
    said?.message ?? `The API server answered ${status}`,
    after > 0 ? after * 1000 : undefined,
  )
}

function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Proxies answer in HTML.
    return undefined
  }
}

function statusOf(value: unknown): KubernetesError | undefined {
  if (!isObject(value) || value.kind !== 'Status') return undefined
  const { code, reason, message } = value
  return new KubernetesError(
    typeof code === 'number' ? code : 500,
    typeof reason === 'string' ? reason : '',
    typeof message === 'string' ? message : 'The API server reports a failure',
  )
}
