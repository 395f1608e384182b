import { isCorrelationId } from '../../../shared/correlation.ts'
import { quoted, type Refusal } from '../../../shared/refusal.ts'
import type { Asking } from '../database.ts'
import { rangeOf } from '../events/filter.ts'
import { readQuery } from '../read.ts'
import type { Answered, Call, Route } from '../route.ts'
import { One, Several, Stories, Story } from './shapes.ts'

/** What the routes need; `now` in Unix milliseconds. */
export type World = { ask: Asking; now(): number }

/** Stories: what happened because of what. */
export function correlationRoutes({ ask, now }: World): Route[] {
  async function list({ token, query }: Call): Promise<Answered | Refusal> {
    const read = readQuery(Several, query)
    if ('status' in read) return read
    const { start_time, end_time, limit, ...filter } = read.value
    const asker = { token, now: now() }
    const range = rangeOf({ start_time, end_time }, asker.now)
    if ('status' in range) return range
    const { storiesOf } = await import('./stories.ts')
    const found = await ask(db => storiesOf(db, filter, { asker, range, limit }))
    return 'status' in found ? found : { data: found }
  }

  async function get({ token, params, query }: Call): Promise<Answered | Refusal> {
    const read = readQuery(One, query)
    if ('status' in read) return read
    const { id = '' } = params
    if (!isCorrelationId(id)) return noStory(id)
    const { limit } = read.value
    const { storyOf } = await import('./story.ts')
    const found = await ask(async db => ({
      story: await storyOf(db, id, { asker: { token, now: now() }, limit }),
    }))
    if ('status' in found) return found
    return found.story ? { data: found.story } : noStory(id)
  }

  const path = '/api/v1/correlations'
  return [
    {
      ...{ method: 'GET', path, right: 'events', busless: true, answer: list, query: Several, data: Stories },
      summary: 'The newest stories: what hangs together, with its root',
    },
    {
      ...{ method: 'GET', path: `${path}/{id}`, right: 'events', busless: true },
      ...{ answer: get, query: One, data: Story },
      summary: 'The story that a correlation belongs to, in order, with what follows from what',
    },
  ]
}

const noStory = (id: string): Refusal => ({
  status: 404,
  message: `There is no correlation ${quoted(id.slice(0, 100))}, or none that this token may read`,
})
