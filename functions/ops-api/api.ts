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
    if (!mayCall(token, route.right)) return forbidden(token, route)
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

const mayCall = (token: Token, right: Right): boolean =>
  right === 'read'
    ? token.read.length > 0 || ['deadletters', 'silences', 'runs'].some(one => hasRight(token, one))
    : hasRight(token, right)

const forbidden = ({ name }: Token, { method, path, right }: Route): Refusal => ({
  status: 403,
  message:
    right === 'read'
      ? `Token ${quoted(name)} may not read: it needs a subject in "read", or a right`
      : `Token ${quoted(name)} may not ${method} ${path}: it needs ${neededFor(right)}`,
})

const neededFor = (right: Right): string =>
  right === 'admin' ? 'the right "admin"' : `the right "${right}", or "admin"`

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
