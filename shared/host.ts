import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, Server as NetServer } from 'node:net'
import { type Log, messageOf } from './log.ts'

/** A function: it uses of request and response only what Node's own have, so it runs under functions-framework too. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/**
 * What every function answers besides its own routes: `GET /healthz`, `GET /readyz`, and 500 when it
 * throws, since a surprise is no verdict on the event in hand.
 */
export function door(handler: Handler, about: { ready: () => boolean; log: Log }): Handler {
  return async (request, response) => {
    const path = request.url?.split('?', 1)[0]
    if (path === '/healthz') return answer(response, 200, 'ok')
    // Why it is not is for the log alone: who may ask this may be anybody.
    if (path === '/readyz')
      return about.ready() ? answer(response, 200, 'ok') : answer(response, 503, 'not ready')
    try {
      await handler(request, response)
    } catch (error) {
      // Nobody's failure, and nobody is left to answer.
      if (request.destroyed && !request.complete) return about.log.debug({ path }, messageOf(error))
      about.log.error({ err: messageOf(error), path }, 'The function failed')
      if (response.headersSent) response.destroy()
      else
        answer(response, 500, JSON.stringify({ code: 500, message: 'The function failed, its log says why' }))
    }
  }
}

/** Answers with a text; JSON when it starts like it. */
export function answer(
  response: ServerResponse,
  status: number,
  body: string,
  head: Record<string, string> = {},
): void {
  const type = body.startsWith('{') ? 'application/json' : 'text/plain; charset=utf-8'
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body), ...head })
  response.end(body)
}

const gone = 'The caller went away in the middle of the body'

/** The whole body, or undefined when it is larger than `limit` bytes; under functions-framework it is read already. */
export async function bodyOf(
  request: IncomingMessage & { rawBody?: unknown },
  limit: number,
): Promise<Buffer | undefined> {
  if (Buffer.isBuffer(request.rawBody)) return request.rawBody.length > limit ? undefined : request.rawBody
  if (Number(request.headers['content-length'] ?? 0) > limit) return discard(request)
  // It may have gone while somebody else was asked: then nothing more would ever come.
  if (request.destroyed && !request.complete) throw new Error(gone)
  const parts: Buffer[] = []
  let length = 0
  return new Promise((resolve, reject) => {
    request.on('data', (part: Buffer) => {
      length += part.length
      if (length > limit) resolve(discard(request))
      else parts.push(part)
    })
    request.on('end', () => resolve(parts.length === 1 ? parts[0] : Buffer.concat(parts)))
    request.on('error', reject)
    request.on('aborted', () => reject(new Error(gone)))
  })
}

// Reading on lets the caller see the answer instead of a reset; the host's request time-out bounds it.
function discard(request: IncomingMessage): undefined {
  request.removeAllListeners('data')
  request.resume()
  return undefined
}

/** Connections are kept longer than the ten minutes that proxies and load balancers keep theirs. */
const keepAlive = 620_000
const graceful = 25_000
/** For so long a caller that keeps connections finds them open, and is told by its last answer to let go. */
const parting = 300

/** A host that is listening. */
export type Host = { port: number; close(): Promise<void> }

/**
 * Runs a function as a process of its own: bounds headers and time, keeps connections open, and on SIGTERM or SIGINT
 * ends by `leaving` what would be answered for ever, answers what is in flight and tells callers to let go of their
 * connections, then lets go of the rest by `stop` and exits with 0.
 */
export async function serve(
  handler: Handler,
  about: { port: number; leaving?: () => void; stop: () => Promise<void>; log: Log },
): Promise<Host> {
  const { port, leaving, stop, log } = about
  const answering = new Set<ServerResponse>()
  let draining = false
  const server = createServer(
    { requestTimeout: 30_000, headersTimeout: 15_000, maxHeaderSize: 16_384 },
    (request, response) => {
      answering.add(response)
      response.once('close', () => answering.delete(response))
      if (draining) isLast(response)
      void handler(request, response)
    },
  )
  server.keepAliveTimeout = keepAlive

  async function drain(): Promise<void> {
    if (draining) return
    draining = true
    leaving?.()
    for (const response of answering) isLast(response)
    // http's own close() ends idle connections at once: what is about to be sent on one of them would go unread.
    const closed = new Promise<void>(resolve => NetServer.prototype.close.call(server, () => resolve()))
    await Promise.race([closed, later(parting)])
    // A connection that is kept alive turns idle after its answer and would hold the server open.
    const sweep = setInterval(() => server.closeIdleConnections(), 20)
    await Promise.race([closed, later(graceful)])
    clearInterval(sweep)
    server.closeAllConnections()
    await stop()
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, () => resolve())
  })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log.info({ signal }, 'Stopping')
      drain().then(
        () => process.exit(0),
        error => {
          log.error({ err: messageOf(error) }, 'Stopping failed')
          process.exit(1)
        },
      )
    })
  }
  const bound = addressOf(server.address())
  log.info({ port: bound }, 'Listening')
  return { port: bound, close: drain }
}

const addressOf = (address: string | AddressInfo | null): number =>
  typeof address === 'object' && address !== null ? address.port : 0

function isLast(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close')
}

const later = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds).unref())
