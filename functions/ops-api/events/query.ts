import type { IncomingMessage } from 'node:http'
import type { z } from 'zod'
import type { Refusal } from '../../../shared/refusal.ts'
import type { Token } from '../../../shared/tokens.ts'
import type { Answered, Streamed } from '../route.ts'
import { cursorOf, type Place, placeOf } from './cursor.ts'
import { exported } from './export.ts'
import { rangeOf } from './filter.ts'
import { itemOf } from './item.ts'
import { type Page, pageOf } from './pages.ts'
import { mostEvents, type Query } from './shapes.ts'
import type { Stories } from './stories.ts'
import type { World } from './world.ts'

/** A question, read, and whose it is. */
type Asked = { asked: z.output<typeof Query>; token: Token; headers?: IncomingMessage['headers'] | undefined }

/** Answers which events there are, in the form that was asked for. */
export async function query(
  { asked, token, headers }: Asked,
  world: World,
  stories: Stories,
): Promise<Answered | Streamed | Refusal> {
  const { limit, cursor, order, format = formOf(headers?.accept), ...filter } = asked
  const most = mostEvents[format]
  if (limit > most)
    return {
      status: 400,
      message: `Cannot read the parameters: limit: it has to be a whole number from 1 to ${most} as ${format}; more come as ndjson or csv, or page by page with cursor`,
    }
  // The range stands in the cursor: whoever counts it from now need not repeat it.
  const { start_time, end_time, ...rest } = filter
  const bound = { token, question: { ...rest, order } }
  const from = cursor === undefined ? begin() : goOn(cursor)
  if ('status' in from) return from
  const correlation = await stories(filter.correlation, { token, now: from.now })
  if (correlation && 'status' in correlation) return correlation
  const question = { filter: { ...filter, correlation }, token, order }
  const ask = (at: typeof from, many: number): Promise<Page | Refusal> =>
    world.ask(db => pageOf(db, question, { from: at, most: many }))

  if (format !== 'json')
    return exported({ format, limit, from, ask, cursorOf: (next: Place) => cursorOf(next, bound) })
  const page = await ask(from, limit)
  if ('status' in page) return page
  const { rows, next } = page
  return {
    data: {
      list: rows.map(itemOf),
      start_time: new Date(from.start).toISOString(),
      end_time: new Date(from.end).toISOString(),
      ...(next && { cursor: cursorOf(next, bound) }),
    },
  }

  function goOn(text: string): Place | Refusal {
    const place = placeOf(text, bound)
    if (!place) return noCursor
    const { start, end } = place
    return (start_time ?? start) === start && (end_time ?? end) === end ? place : noCursor
  }

  function begin(): (Omit<Place, 'last'> & Partial<Place>) | Refusal {
    const now = world.now()
    const range = rangeOf(filter, now)
    return 'status' in range ? range : { ...range, now }
  }
}

const noCursor: Refusal = {
  status: 400,
  message:
    'Cannot read the parameters: cursor: it is none of this question: use it as it was given, with the same parameters and token, or begin anew without it',
}

/** What the header Accept asks for. */
function formOf(accept = ''): keyof typeof mostEvents {
  if (/application\/(x-)?ndjson/i.test(accept)) return 'ndjson'
  return /text\/csv/i.test(accept) ? 'csv' : 'json'
}
