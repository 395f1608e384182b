import { type Dispatcher, Pool } from 'undici'
import { Forbidden, type Guard, guardedConnector, type Resolve } from './guarded.ts'

/** What came back; of a body that is longer than allowed only the beginning, and then it is `cut`. */
export type HttpAnswer = { status: number; retryAfter: string | undefined; body: string; cut: boolean }

/**
 * Nobody answered. The message names the host and what happened, never the path. `late`: the time of the call was used
 * up. `forbidden`: the guard does not allow it, and nothing was sent.
 */
export class NoAnswer extends Error {
  readonly kind: 'lost' | 'late' | 'forbidden'
  constructor(
    message: string,
    { kind = 'lost', ...options }: ErrorOptions & { kind?: NoAnswer['kind'] } = {},
  ) {
    super(message, options)
    this.kind = kind
  }
}

/** Sends requests over kept connections, one pool for each origin. */
export type Sender = {
  /** By POST unless told otherwise. Resolves with any answer, redirects included. @throws NoAnswer */
  post(
    url: URL,
    request: { headers: Record<string, string>; body: string | Buffer; method?: 'POST' | 'PUT' },
  ): Promise<HttpAnswer>
  close(): Promise<void>
}

const mostPools = 256

/**
 * `timeout` bounds the whole call in milliseconds, `connectTimeout` its connecting, `connections` how many calls to
 * one origin run at once; more wait for their turn. Of an answer at most `mostBytes` are read. With a `guard` only
 * addresses that it allows are connected to; `resolve` asks for those of a name.
 */
export function openSender(limits: {
  timeout: number
  connectTimeout: number
  connections: number
  mostBytes: number
  guard?: Guard
  resolve?: Resolve
}): Sender {
  const { guard, resolve, connectTimeout } = limits
  const connect = guard
    ? guardedConnector({ guard, timeout: connectTimeout, resolve })
    : { timeout: connectTimeout }
  const pools = new Map<string, Pool>()

  function poolOf(origin: string): Pool {
    const known = pools.get(origin)
    // The map keeps the order of insertion: what is asked for moves to the end, the front is the one to let go.
    if (known) pools.delete(origin)
    const pool =
      known ??
      new Pool(origin, {
        connections: limits.connections,
        pipelining: 1,
        keepAliveTimeout: 30_000,
        connect,
        ...(guard && { allowH2: false }),
        // The whole call has a time limit already.
        headersTimeout: 0,
        bodyTimeout: 0,
      })
    pools.set(origin, pool)
    const [oldest] = pools
    if (pools.size > mostPools && oldest) {
      pools.delete(oldest[0])
      void oldest[1].close()
    }
    return pool
  }

  return {
    async post(url, request) {
      const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>()
      const call = followed(limits.mostBytes, { resolve, reject })
      const timer = setTimeout(call.giveUp, limits.timeout)
      try {
        const path = url.pathname + url.search
        poolOf(url.origin).dispatch({ method: 'POST', path, ...request }, call.handler)
        return await promise
      } catch (error) {
        if (error instanceof Forbidden) throw new NoAnswer(error.message, { kind: 'forbidden', cause: error })
        const kind = isLate(error) ? 'late' : 'lost'
        throw new NoAnswer(`${url.host} ${whatHappened(error, limits)}`, { kind, cause: error })
      } finally {
        clearTimeout(timer)
      }
    },
    async close() {
      await Promise.all([...pools.values()].map(pool => pool.close()))
    },
  }
}

/**
 * Follows a call as the pool tells of it, since its own request() with a stream and a signal for each costs twice as
 * much. The status has come and counts, whatever becomes of the body after it: a reset or a drip cuts it short.
 */
function followed(
  mostBytes: number,
  inner: { resolve(answer: HttpAnswer): void; reject(error: unknown): void },
): { handler: Dispatcher.DispatchHandler; giveUp(): void } {
  const parts: Buffer[] = []
  let length = 0
  let head: { status: number; retryAfter: string | undefined } | undefined
  let controller: Dispatcher.DispatchController | undefined
  let late: TooLate | undefined

  function end(error?: unknown) {
    // Settling twice does nothing: the first word counts.
    if (!head) return inner.reject(error)
    const body = Buffer.concat(parts).subarray(0, mostBytes).toString('utf8')
    inner.resolve({ ...head, body, cut: error !== undefined })
  }

  return {
    giveUp() {
      late = new TooLate('The time for the call is over')
      controller?.abort(late)
      end(late)
    },
    handler: {
      onRequestStart(started) {
        controller = started
        if (late) started.abort(late)
      },
      onResponseStart(_, status, headers) {
        // 1xx: the answer is still to come.
        if (status < 200) return
        const after = headers['retry-after']
        head = { status, retryAfter: Array.isArray(after) ? after[0] : after }
      },
      onResponseData(running, part) {
        parts.push(part)
        length += part.length
        if (length <= mostBytes) return
        end(tooLong)
        running.abort(tooLong)
      },
      onResponseEnd: () => end(),
      onResponseError: (_, error) => end(error),
    },
  }
}

/** Our own clock has run out. */
class TooLate extends Error {}
const tooLong = new Error('The answer is longer than is read')

const unreached = 'UND_ERR_CONNECT_TIMEOUT'

const isLate = (error: unknown) => error instanceof TooLate || codeOf(error) === unreached

function whatHappened(error: unknown, limits: { timeout: number; connectTimeout: number }): string {
  const code = codeOf(error)
  if (code === unreached) return `could not be reached within ${limits.connectTimeout / 1000} s`
  if (isLate(error)) return `did not answer within ${limits.timeout / 1000} s`
  return code === '' ? 'did not answer' : `did not answer: ${code}`
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
