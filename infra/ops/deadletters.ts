import { z } from 'zod'
import type { Command } from './command.ts'
import { replay } from './replay.ts'
import { chosenBy, selectors, textOf } from './selectors.ts'
import { table } from './table.ts'

const Letter = z.looseObject({
  id: z.string(),
  time: z.string(),
  trigger: z.string(),
  hook: z.string().optional(),
  subject: z.string(),
  reason: z.string(),
  attempts: z.number(),
  replays: z.array(z.object({ id: z.string(), at: z.string(), by: z.string() })),
})
const Page = z.looseObject({
  list: z.array(Letter),
  total: z.number().optional(),
  cursor: z.string().optional(),
})
const list: Command = {
  words: 'deadletters list',
  says: 'what could not be delivered, newest first',
  options: {
    ...selectors,
    limit: { type: 'string', hint: 'n', says: 'so many, 20 unless given and 100 at most' },
    cursor: { type: 'string', hint: 'id', says: 'go on where a list before has ended' },
  },
  async run({ client, given, now, print }) {
    const { id, ...chosen } = chosenBy(given, now)
    const query = new URLSearchParams({ ...chosen, ...(id && { id: id.join(',') }) })
    query.set('limit', textOf(given, 'limit') ?? '20')
    const cursor = textOf(given, 'cursor')
    if (cursor) query.set('cursor', cursor)
    const page = await client.ask(Page, 'GET', `/deadletters?${query}`)
    if (given.json) return print(JSON.stringify(page, null, 2))
    const rows = page.list.map(letter => [
      ...[letter.id, letter.time, letter.trigger, letter.hook ?? letter.subject, String(letter.attempts)],
      ...[String(letter.replays.length), letter.reason],
    ])
    if (rows.length === 0) return print('There are no such dead letters')
    print(table(['ID', 'TIME', 'TRIGGER', 'HOOK OR SUBJECT', 'TRIES', 'REPLAYS', 'REASON'], rows))
    const more = page.cursor ? `, go on with --cursor ${page.cursor}` : ''
    print(page.total === undefined ? `${rows.length}${more}` : `${rows.length} of ${page.total}${more}`)
  },
}

const show: Command = {
  words: 'deadletters show',
  operand: 'id',
  says: 'one of them with its event, as JSON',
  options: {},
  async run({ client, operand, print }) {
    const letter = await client.ask(z.unknown(), 'GET', `/deadletters/${encodeURIComponent(operand)}`)
    print(JSON.stringify(letter, null, 2))
  },
}

export const deadLetterCommands = [list, show, replay]
