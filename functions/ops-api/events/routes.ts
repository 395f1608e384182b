import type { Refusal } from '../../../shared/refusal.ts'
import { readQuery } from '../read.ts'
import type { Answered, Call, Route, Streamed } from '../route.ts'
import { Published, PublishedPage, SubjectPage, Subjects } from './older-shapes.ts'
import { Aggregate, Found, Groups, Query, Tail } from './shapes.ts'
import { storiesIn } from './stories.ts'
import type { World as Tailing, tails } from './tail.ts'
import type { World as Asking } from './world.ts'

/** What the routes need. */
export type World = Asking & Omit<Tailing, 'classify' | 'now'>

/** Events: looked for, counted and followed. What answers is loaded with the first question. */
export function eventRoutes(world: World): Route[] {
  const stories = storiesIn(world.ask)
  let tail: ReturnType<typeof tails> | undefined

  async function list({ query, token, headers }: Call): Promise<Answered | Streamed | Refusal> {
    const read = readQuery(Query, query)
    if ('status' in read) return read
    const { query: answered } = await import('./query.ts')
    return answered({ asked: read.value, token, headers }, world, stories)
  }

  async function count({ query, token }: Call): Promise<Answered | Refusal> {
    const read = readQuery(Aggregate, query)
    if ('status' in read) return read
    const { count: answered } = await import('./count.ts')
    return answered({ asked: read.value, token }, world, stories)
  }

  async function subjects({ query, token }: Call): Promise<Answered | Refusal> {
    const read = readQuery(Subjects, query)
    if ('status' in read) return read
    const { subjects: answered } = await import('./older.ts')
    return answered({ asked: read.value, token }, world)
  }

  async function published({ query, token, params }: Call): Promise<Answered | Refusal> {
    const read = readQuery(Published, query)
    if ('status' in read) return read
    const { published: answered } = await import('./older.ts')
    return answered({ asked: read.value, token, subject: params.subject ?? '' }, world)
  }

  async function follow({ query, token, headers }: Call): Promise<Streamed | Refusal> {
    const read = readQuery(Tail, query)
    if ('status' in read) return read
    const [{ tails }, { classify }] = await Promise.all([
      import('./tail.ts'),
      import('../../../shared/classify.ts'),
    ])
    tail ??= tails({ ...world, classify })
    return tail({ asked: read.value, token, headers })
  }

  const common = { method: 'GET', right: 'events' } as const
  return [
    {
      ...{ ...common, path: '/api/v1/query', summary: 'Events that were kept, page by page' },
      ...{
        query: Query,
        data: Found,
        forms: ['application/x-ndjson', 'text/csv'],
        busless: true,
        answer: list,
      },
    },
    {
      ...{ ...common, path: '/api/v1/aggregate', summary: 'How many there are, by what they have in common' },
      ...{ query: Aggregate, data: Groups, busless: true, answer: count },
    },
    {
      ...{ ...common, path: '/api/v1/tail', summary: 'Events as they come, as server-sent events' },
      ...{ query: Tail, forms: ['text/event-stream'], answer: follow },
    },
    {
      ...{ ...common, path: '/api/v1/events', summary: 'The subjects that were seen' },
      ...{ query: Subjects, data: SubjectPage, busless: true, answer: subjects },
    },
    {
      ...{ ...common, path: '/api/v1/events/{subject}', summary: 'The latest events of a subject pattern' },
      ...{ query: Published, data: PublishedPage, busless: true, answer: published },
    },
  ]
}
