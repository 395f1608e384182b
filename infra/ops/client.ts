import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { eventsIn } from './event-stream.ts'

/** Said to whoever called, in plain words; `code` is what the process ends with, `status` what the API answered. */
export class Trouble extends Error {
  readonly code: number
  readonly status: number | undefined
  constructor(code: number, message: string, status?: number) {
    super(message)
    this.name = 'Trouble'
    this.code = code
    this.status = status
  }
}

/** The API said no, or not all of it was done. */
export const refused = 1
/** The command is not understood. */
export const misused = 2
/** Nobody answers, or it is not known who should. */
export const unreachable = 3

/** ops-api over HTTP; `path` is below /api/v1. @throws Trouble */
export type Client = {
  ask<T>(
    as: z.ZodType<T>,
    method: string,
    path: string,
    body?: object,
    headers?: Record<string, string>,
  ): Promise<T>
  /** What comes as server-sent events, each with its id and its name, until the end of it. @throws Trouble */
  follow(path: string, after?: string): AsyncGenerator<{ id?: string; event?: string; data?: string }>
}

const Envelope = z.object({ code: z.number(), message: z.string(), data: z.unknown().optional() })
const patience = 60_000
const mostWaits = 5

export function clientOf({ url, token }: { url: string; token: string }): Client {
  async function send(
    method: string,
    path: string,
    body?: object,
    more?: Record<string, string>,
  ): Promise<Response> {
    const headers = {
      ...more,
      authorization: `Bearer ${token}`,
      ...(body && { 'content-type': 'application/json' }),
    }
    try {
      return await fetch(`${url}/api/v1${path}`, {
        method,
        headers,
        signal: AbortSignal.timeout(patience),
        ...(body && { body: JSON.stringify(body) }),
      })
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new Trouble(unreachable, `Cannot reach ops-api at ${url}: ${why}`)
    }
  }

  return {
    async *follow(path, after) {
      const headers = {
        authorization: `Bearer ${token}`,
        // OpenFaaS keeps back what nobody has called a stream.
        accept: 'text/event-stream',
        ...(after && { 'last-event-id': after }),
      }
      const answer = await fetch(`${url}/api/v1${path}`, { headers }).catch(error => {
        throw new Trouble(unreachable, `Cannot reach ops-api at ${url}: ${String(error.cause ?? error)}`)
      })
      if (!answer.ok || !answer.body) {
        const read = Envelope.safeParse(await answer.json().catch(() => undefined))
        throw new Trouble(refused, read.data?.message ?? `ops-api answered ${answer.status}`, answer.status)
      }
      try {
        yield* eventsIn(answer.body)
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        throw new Trouble(unreachable, `ops-api at ${url} has broken the stream off: ${why}`)
      }
    },
    async ask(as, method, path, body, headers) {
      for (let waits = 0; ; waits++) {
        const answer = await send(method, path, body, headers)
        if (answer.status === 429 && waits < mostWaits) {
          await pause(1_000 * Number(answer.headers.get('retry-after') ?? 1))
          continue
        }
        const read = Envelope.safeParse(await answer.json().catch(() => undefined))
        if (!read.success)
          throw new Trouble(unreachable, `What answers at ${url} is no ops-api: it answered ${answer.status}`)
        if (!answer.ok) throw new Trouble(refused, read.data.message, answer.status)
        return as.parse(read.data.data)
      }
    },
  }
}
