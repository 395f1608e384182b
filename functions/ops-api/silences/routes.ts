import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Kept } from '../../../shared/adapters/silence-book.ts'
import { isObject, parseJson } from '../../../shared/json.ts'
import { quoted, type Refusal } from '../../../shared/refusal.ts'
import { type Silence, SilenceSpec, silenceProblems, stateOf } from '../../../shared/silence.ts'
import { hasRight, mayRead, type Token } from '../../../shared/tokens.ts'
import { readBody, readQuery, whole } from '../read.ts'
import type { Answered, Call, Route } from '../route.ts'
import { change, expire, type World as Keeping, make } from './keep.ts'

/** What the routes need beside: how much was silenced, and what last, newest first; Redis may have forgotten it. */
export type World = Keeping & {
  silenced: { count(id: string): Promise<number>; latest(id: string): Promise<string[]> }
  /** Where one goes that names no namespace. */
  namespace: string
}

const label = (most: number, form: RegExp, such: string) =>
  z.string().max(most).regex(form, `it has to be lower-case letters, digits and "-", such as ${such}`)
const Namespace = label(63, /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'ops-system')
const Name = label(253, /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'saturday-night')

const New = z.strictObject({ namespace: Namespace.optional(), name: Name.optional(), ...SilenceSpec.shape })
const Query = z.strictObject({
  state: z.enum(['active', 'pending', 'expired'], 'it has to be active, pending or expired').optional(),
  page: whole(1, 1_000).default(1),
  page_size: whole(1, 100).default(20),
})
const Nothing = z.strictObject({})

/** Silences: who keeps hooks from telling what, until when. */
export function silenceRoutes(world: World): Route[] {
  const { book, silenced, log } = world

  async function shown({ silence, from }: Kept) {
    const { id, namespace, name, spec } = silence
    const { state, until, next } = stateOf(silence, world.now())
    return {
      ...{ id, namespace, name, from, state },
      ...(until !== undefined && { until: new Date(until).toISOString() }),
      ...(next !== undefined && { next: new Date(next).toISOString() }),
      silenced: await silenced.count(id),
      spec,
    }
  }

  async function list({ query }: Call): Promise<Answered | Refusal> {
    const read = readQuery(Query, query)
    if ('status' in read) return read
    const { state, page, page_size } = read.value
    const now = world.now()
    const all = (await book.all()).filter(
      ({ silence }) => state === undefined || stateOf(silence, now).state === state,
    )
    const some = all.slice((page - 1) * page_size, page * page_size)
    return { data: { list: await Promise.all(some.map(shown)), total: all.length, page, page_size } }
  }

  async function get(call: Call): Promise<Answered | Refusal> {
    const kept = await keptOf(call)
    return 'status' in kept ? kept : { data: await shown(kept) }
  }

  async function latest(call: Call): Promise<Answered | Refusal> {
    const kept = await keptOf(call)
    if ('status' in kept) return kept
    const texts = await silenced.latest(kept.silence.id)
    const rows = texts.flatMap(text => {
      const parsed = parseJson(text)
      return 'value' in parsed && maySee(call.token, parsed.value) ? [parsed.value] : []
    })
    return { data: { list: rows, total: rows.length, page: 1, page_size: 100 } }
  }

  async function post({ body, token }: Call): Promise<Answered | Refusal> {
    const read = readBody(New, body)
    if ('status' in read) return read
    const { namespace = world.namespace, name = `silence-${randomUUID().slice(0, 8)}`, ...given } = read.value
    const spec = { ...given, author: given.author || token.name }
    const silence: Silence = { id: `${namespace}/${name}`, namespace, name, spec }
    return (
      wrong(spec) ??
      past(spec, world.now()) ??
      told('made', token.name, await make(silence, world), world.cluster ? 'resource' : 'api', 201)
    )
  }

  async function put(call: Call): Promise<Answered | Refusal> {
    const read = readBody(SilenceSpec, call.body)
    if ('status' in read) return read
    const spec = { ...read.value, author: read.value.author || call.token.name }
    const bad = wrong(spec)
    if (bad) return bad
    const kept = await keptOf(call)
    if ('status' in kept) return kept
    const written = await change(kept, { ...kept.silence, spec }, world)
    return told('changed', call.token.name, written, kept.from)
  }

  async function remove(call: Call): Promise<Answered | Refusal> {
    const kept = await keptOf(call)
    if ('status' in kept) return kept
    return told('ended', call.token.name, await expire(kept, world), kept.from)
  }

  async function told(
    what: string,
    by: string,
    written: { silence: Silence } | Refusal,
    from: Kept['from'],
    status?: 201,
  ): Promise<Answered | Refusal> {
    if ('status' in written) return written
    const { silence } = written
    log.info({ silence: silence.id, by }, `Silence ${what}`)
    return { data: await shown({ silence, from, revision: 0 }), ...(status && { status }) }
  }

  async function keptOf({ params, query }: Call): Promise<Kept | Refusal> {
    const read = readQuery(Nothing, query)
    if ('status' in read) return read
    const { namespace = '', name = '' } = params
    const isName = Namespace.safeParse(namespace).success && Name.safeParse(name).success
    const kept = isName ? await book.get(namespace, name) : undefined
    return kept ?? { status: 404, message: `There is no silence ${quoted(`${namespace}/${name}`)}` }
  }

  const path = '/api/v1/silences'
  const one = `${path}/{namespace}/{name}`
  return [
    { method: 'GET', path, right: 'read', summary: 'Silences', query: Query, answer: list },
    { method: 'GET', path: one, right: 'read', summary: 'One silence', answer: get },
    {
      method: 'GET',
      path: `${one}/silenced`,
      right: 'read',
      summary: 'What it held back last',
      answer: latest,
    },
    { method: 'POST', path, right: 'silences', summary: 'Make a silence', body: New, answer: post },
    {
      method: 'PUT',
      path: one,
      right: 'silences',
      summary: 'Change a silence',
      body: SilenceSpec,
      answer: put,
    },
    { method: 'DELETE', path: one, right: 'silences', summary: 'End a silence', answer: remove },
  ]
}

function wrong(spec: SilenceSpec): Refusal | undefined {
  const problems = silenceProblems(spec).map(({ path, problem }) => `${path.join('.')}: ${problem}`)
  return problems.length > 0
    ? { status: 422, message: `Cannot read the body: ${problems.join('; ')}` }
    : undefined
}

/** Whoever keeps silences sees all that they held back, and others what they may read anyway. */
const maySee = (token: Token, note: unknown) =>
  hasRight(token, 'silences') ||
  (isObject(note) && typeof note.subject === 'string' && mayRead(token, note.subject))

/** One that is over before it begins is a slip of whoever writes it, and would keep nobody quiet. */
function past({ until }: SilenceSpec, now: number): Refusal | undefined {
  if (until === undefined || Date.parse(until) > now) return undefined
  return { status: 422, message: `Cannot read the body: until: it is ${quoted(until)}, which is past` }
}
