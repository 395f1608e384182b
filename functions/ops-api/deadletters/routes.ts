import { z } from 'zod'
import type { Cover, Stored } from '../../../shared/adapters/browse.ts'
import { quoted, type Refusal } from '../../../shared/refusal.ts'
import { readQuery, whole } from '../read.ts'
import type { Answered, Call, Route } from '../route.ts'
import { contentsOf, hookOf, letterOf } from './letter.ts'
import { Order, replayer, type World } from './replayer.ts'
import { isOneOf, mostLooked, newest } from './search.ts'
import { LetterId, LetterIds, selectors } from './selector.ts'

const Query = z.strictObject({
  ...selectors,
  id: z
    .string()
    .transform(text => text.split(','))
    .pipe(LetterIds)
    .optional(),
  page: whole(1, mostLooked).default(1),
  page_size: whole(1, 100).optional(),
  cursor: LetterId.optional(),
  limit: whole(1, 100).optional(),
})

/** Dead letters: listed, looked into, and sent out again. */
export function deadLetterRoutes(world: World): Route[] {
  const { browser, replays } = world

  async function shown(letter: Stored) {
    const hook = hookOf(contentsOf(letter))
    return { ...letterOf(letter), ...(hook && { hook }), replays: await replays.of(letter) }
  }

  const opened = async (covers: Cover[]) =>
    (await Promise.all(covers.map(({ seq }) => browser.get(seq)))).flatMap(letter => letter ?? [])

  async function list({ query }: Call): Promise<Answered | Refusal> {
    const read = readQuery(Query, query)
    if ('status' in read) return read
    const { id, page, page_size, limit, cursor, ...selector } = read.value
    const size = page_size ?? limit ?? 20
    if (page * size > mostLooked)
      return {
        status: 400,
        message: `Cannot go to page ${page}: only ${mostLooked} dead letters are counted off, follow "cursor" instead`,
      }
    if (id) {
      const all = await Promise.all([...new Set(id)].map(one => browser.get(Number(one))))
      const letters = all.flatMap(letter => (letter && isOneOf(selector, letter) ? [letter] : []))
      const some = letters.sort((a, b) => b.seq - a.seq).slice((page - 1) * size, page * size)
      const rows = await Promise.all(some.map(shown))
      return { data: { list: rows, total: letters.length, page, page_size: size } }
    }
    const below = cursor === undefined ? undefined : Number(cursor)
    const counted = below === undefined
    const found = await newest({ browser, selector }, { below, skip: (page - 1) * size, most: size, counted })
    const rows = await Promise.all((await opened(found.letters)).map(shown))
    const { total, partial, next } = found
    return {
      data: { list: rows, total, partial, page, page_size: size, ...(next && { cursor: String(next) }) },
    }
  }

  async function get({ params }: Call): Promise<Answered | Refusal> {
    const { id = '' } = params
    const letter = LetterId.safeParse(id).success ? await browser.get(Number(id)) : undefined
    if (!letter) return { status: 404, message: `There is no dead letter ${quoted(id)}, or no longer` }
    const contents = contentsOf(letter)
    if ('event' in contents || 'problem' in contents)
      return { data: { ...(await shown(letter)), ...contents } }
    const { headers, body } = contents
    return {
      data: { ...(await shown(letter)), headers, body_base64: Buffer.from(body).toString('base64') },
    }
  }

  const path = '/api/v1/deadletters'
  const right = 'deadletters'
  return [
    { method: 'GET', path, right, summary: 'Dead letters, newest first', query: Query, answer: list },
    { method: 'GET', path: `${path}/{id}`, right, summary: 'One of them with its event', answer: get },
    {
      method: 'POST',
      path: `${path}/replay`,
      right,
      summary: 'Send dead letters out again',
      body: Order,
      answer: replayer(world),
    },
  ]
}
