import type { IncomingMessage, ServerResponse } from 'node:http'
import type { z } from 'zod'
import { percentDecoded } from '../../shared/path.ts'
import { quoted, type Refusal } from '../../shared/refusal.ts'
import type { Token } from '../../shared/tokens.ts'

/** Which right a route takes: `read` has every token that may read something, `events` one that may read events. */
export type Right = 'read' | 'events' | 'deadletters' | 'silences' | 'runs' | 'admin'

/**
 * A request, read: the parts of its path by their names, and its body as JSON where the method has one; and its
 * Idempotency-Key, where it has one.
 */
export type Call = {
  token: Token
  params: Record<string, string>
  query: URLSearchParams
  body: unknown
  key?: string | undefined
  headers?: IncomingMessage['headers']
}

/** What is answered: `data` of the envelope, with 200 unless another status says more. */
export type Answered = { data: unknown; status?: 201 }

/** An answer that has another form; `write` begins it, and ends it when all is said or whoever asked is gone. */
export type Streamed = { write(to: ServerResponse): Promise<void> }

/** One thing that can be asked for. In its path `{name}` stands for one part. */
export type Route = {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  path: string
  right: Right
  /** What it is for, in a sentence. */
  summary: string
  /** What may stand behind the "?": nothing unless given. */
  query?: z.ZodObject
  /** What has to be sent. */
  body?: z.ZodObject
  /** `data` of the answer. */
  data?: z.ZodType
  /** The forms of an answer beside the envelope. */
  forms?: string[]
  /** It asks nothing of the bus, and is answered while that is away. */
  busless?: true
  answer(call: Call): Promise<Answered | Streamed | Refusal>
}

/** The route that a request means, with the parts of its path; or why there is none, and what there is. */
export function routeOf(
  table: Route[],
  method: string | undefined,
  url: string | undefined,
): { route: Route; params: Record<string, string>; query: URLSearchParams } | Refusal {
  const [path = '/', query = ''] = splitOnce(url ?? '/')
  const parts = path.split('/').filter((part, at) => part !== '' || at === 0)
  const there = table.filter(route => fits(route.path, parts))
  const [any] = there
  if (!any) {
    const paths = [...new Set(table.map(route => route.path))]
    return { status: 404, message: `Nothing is at ${quoted(path)}: there are ${paths.join(', ')}` }
  }
  // A part that is written out goes before one that stands for any.
  const route = there.filter(one => one.method === method).sort((a, b) => holes(a.path) - holes(b.path))[0]
  if (!route) {
    const methods = there.map(one => one.method).join(', ')
    return {
      status: 405,
      message: `${method} is not answered at ${any.path}: ${methods} is`,
      head: { allow: methods },
    }
  }
  const params = paramsOf(route.path, parts)
  if (!params)
    return { status: 400, message: `Cannot read the path ${quoted(path)}: it is not percent-encoded UTF-8` }
  return { route, params, query: new URLSearchParams(query) }
}

function splitOnce(url: string): string[] {
  const at = url.indexOf('?')
  return at < 0 ? [url] : [url.slice(0, at), url.slice(at + 1)]
}

const isHole = (part: string) => part.startsWith('{')
const holes = (path: string) => path.split('/').filter(isHole).length

function fits(path: string, parts: string[]): boolean {
  const wanted = path.split('/')
  return wanted.length === parts.length && wanted.every((part, at) => isHole(part) || part === parts[at])
}

function paramsOf(path: string, parts: string[]): Record<string, string> | undefined {
  const params: Record<string, string> = {}
  for (const [at, part] of path.split('/').entries()) {
    if (!isHole(part)) continue
    const value = percentDecoded(parts[at] ?? '')
    if (value === undefined) return undefined
    params[part.slice(1, -1)] = value
  }
  return params
}
