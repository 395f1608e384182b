import type { IncomingMessage } from 'node:http'
import type { Tokens } from '../../shared/adapters/tokens-file.ts'
import { answer, bodyOf, type Handler } from '../../shared/host.ts'
import { parseJson } from '../../shared/json.ts'
import { type Log, messageOf } from '../../shared/log.ts'
import type { Limiter } from '../../shared/rate.ts'
import { encoded, quoted, type Refusal, retryAfter, unauthorized } from '../../shared/refusal.ts'
import { hasRight, type Token } from '../../shared/tokens.ts'
import { type Answered, type Right, type Route, routeOf, type Streamed } from './route.ts'

/** What answering needs. `connected` rejects while the bus is away. */
export type World = { tokens: Tokens; rate: Limiter; connected(): Promise<unknown>; up(): boolean; log: Log }

const mostBytes = 64 * 1024

/** Answers people and programs, each as far as its token has the right (design, section 7). */
export function api(table: Route[], { tokens, rate, connected, up, log }: World): Handler {
  async function ask(request: IncomingMessage): Promise<Answered | Streamed | Refusal> {
    const found = routeOf(table, request.method, request.url)
    if ('status' in found) return found
    const token = tokens.of(request.headers.authorization)
    if (!token) return unauthorized
    const { route, params, query } = found
    const refused = refusalFor(token, route)
    if (refused) return refused
    const wait = rate.wait(token.name, performance.now())
    if (wait > 0) return tooMany(token, wait)
    rate.charge(token.name, 1, performance.now())
    const body = route.method === 'GET' || route.method === 'DELETE' ? {} : await jsonOf(request)
    if ('status' in body) return body
    try {
      if (!route.busless) await connected()
      const { headers } = request
      return await route.answer({ token, params, query, body: body.value, key: keyIn(request), headers })
    } catch (error) {
      if (up() || route.busless) throw error
      log.warn({ err: messageOf(error) }, 'Cannot answer while the bus is away')
      return away
    }
  }

  return async (request, response) => {
    const answered = await ask(request)
    if ('data' in answered) {
      const { status = 200, data } = answered
      return answer(response, status, JSON.stringify({ code: 0, message: 'success', data }))
    }
    if ('write' in answered) return answered.write(response)
    const { status, message, head } = answered
    log.debug({ status, because: message }, 'Refused')
    answer(response, status, JSON.stringify({ code: status, message }), head)
  }
}

async function jsonOf(request: IncomingMessage): Promise<{ value?: unknown } | Refusal> {
  if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') return encoded
  const type = request.headers['content-type'] ?? ''
  // A browser sends anything else for a page of somebody else's, with the password that it remembers.
  if (!/^application\/json *(;|$)/i.test(type))
    return { status: 415, message: `Cannot read content-type ${quoted(type)}: send application/json` }
  const body = await bodyOf(request, mostBytes)
  if (!body) return { status: 413, message: `The body is larger than ${mostBytes} bytes` }
  if (body.length === 0)
    return { status: 400, message: 'Cannot read the body: it is empty, it has to be a JSON object' }
  const parsed = parseJson(body.toString('utf8'))
  return 'problem' in parsed
    ? { status: 400, message: `Cannot read the body: ${parsed.problem}` }
    : { value: parsed.value }
}

function keyIn({ headers }: IncomingMessage): string | undefined {
  const key = headers['idempotency-key']
  return typeof key === 'string' && key !== '' ? key : undefined
}

/** Why a token may not call a route, or undefined where it may. */
export function refusalFor(
  token: Token,
  route: Pick<Route, 'method' | 'path' | 'right'>,
): Refusal | undefined {
  if (mayCall(token, route.right)) return undefined
  return { status: 403, message: `Token ${quoted(token.name)} may ${lacking(route)}` }
}

function mayCall(token: Token, right: Right): boolean {
  if (right === 'events') return token.read.length > 0
  if (right !== 'read') return hasRight(token, right)
  return mayCall(token, 'events') || ['deadletters', 'silences', 'runs'].some(one => hasRight(token, one))
}

function lacking({ method, path, right }: Pick<Route, 'method' | 'path' | 'right'>): string {
  switch (right) {
    case 'read':
      return 'not read: it needs a subject in "read", or a right'
    case 'events':
      return 'read no events: it needs a subject in "read"'
    case 'admin':
      return `not ${method} ${path}: it needs the right "admin"`
    case 'deadletters':
    case 'silences':
    case 'runs':
      return `not ${method} ${path}: it needs the right "${right}", or "admin"`
  }
}

/** `after` in milliseconds. */
const tooMany = ({ name }: Token, after: number): Refusal => ({
  status: 429,
  message: `Token ${quoted(name)} asks more often than it may: wait as long as Retry-After says`,
  head: retryAfter(after),
})

const away: Refusal = {
  status: 503,
  message: 'NATS is away: ask again later',
  head: retryAfter(1_000),
}
