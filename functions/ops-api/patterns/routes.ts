import { rangeOf } from '../events/filter.ts'
import { storiesIn } from '../events/stories.ts'
import type { World } from '../events/world.ts'
import { readQuery } from '../read.ts'
import type { Route } from '../route.ts'
import { Patterns, Query } from './shapes.ts'

/** What recurs, or is far more frequent than usual. What answers is loaded with the first question. */
export function patternRoutes(world: World): Route[] {
  const stories = storiesIn(world.ask)

  const answer: Route['answer'] = async ({ token, query }) => {
    const read = readQuery(Query, query)
    if ('status' in read) return read
    const { min_count, min_rate, min_ratio, order, limit, ...filter } = read.value
    const now = world.now()
    const range = rangeOf(filter, now)
    if ('status' in range) return range
    const correlation = await stories(filter.correlation, { token, now })
    if (correlation && 'status' in correlation) return correlation
    const { patternsOf } = await import('./find.ts')
    const asked = { filter: { ...filter, correlation }, token, range, now }
    const wanted = { min_count, min_rate, min_ratio, order, limit }
    const found = await world.ask(db => patternsOf(db, asked, wanted))
    if ('status' in found) return found
    const [start_time, end_time] = [range.start, range.end].map(time => new Date(time).toISOString())
    return { data: { start_time, end_time, ...found } }
  }

  return [
    {
      ...{ method: 'GET', path: '/api/v1/patterns', right: 'events' },
      summary: 'What recurs, bursts, is new or has changed, by reason, kind and namespace',
      ...{ query: Query, data: Patterns, busless: true, answer },
    },
  ]
}
