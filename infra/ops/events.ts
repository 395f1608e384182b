import { z } from 'zod'
import type { Command, Given } from './command.ts'
import { goingOn } from './going-on.ts'
import { textOf } from './selectors.ts'
import { story } from './story.ts'
import { printable, table } from './table.ts'
import { momentOf } from './times.ts'

const Item = z.looseObject({
  ...{ time: z.string(), severity: z.string(), namespace: z.string(), kind: z.string(), name: z.string() },
  ...{ reason: z.string(), occurrences: z.number(), message: z.string(), correlation: z.string() },
})
type Item = z.infer<typeof Item>
const Page = z.looseObject({ list: z.array(Item), cursor: z.string().optional() })
const sums = { events: z.number(), occurrences: z.number() }
const Groups = z.looseObject({
  list: z.array(
    z.looseObject({ key: z.record(z.string(), z.string()), ...sums, last: z.string(), rate: z.number() }),
  ),
  total: z.looseObject({ groups: z.number(), ...sums }),
})

const filters = ['cluster', 'namespace', 'kind', 'name', 'type', 'reason', 'category', 'severity'] as const
const several = { type: 'string', hint: 'a,b', says: 'only those of this, or one of these' } as const
const choice = {
  ...Object.fromEntries(filters.map(name => [name, several] as const)),
  correlation: { type: 'string', hint: 'id', says: 'all that belongs to this story' },
  q: { type: 'string', hint: 'text', says: 'words of the message, or "a phrase"' },
} as const
const range = {
  since: {
    type: 'string',
    hint: 'time',
    says: 'not before: 2h for two hours ago, 1h unless given; or a time',
  },
  until: { type: 'string', hint: 'time', says: 'before' },
} as const

/** The parameters of what was given. @throws Trouble naming the option */
function queryOf(given: Given, subject: string, now: number): URLSearchParams {
  const query = new URLSearchParams()
  if (subject) query.set('subject', subject)
  for (const name of [...filters, 'correlation', 'q']) {
    const value = textOf(given, name)
    if (value !== undefined) query.set(name, value)
  }
  const [since, until] = [textOf(given, 'since'), textOf(given, 'until')]
  if (since) query.set('start_time', String(momentOf(since, 'since', now)))
  if (until) query.set('end_time', String(momentOf(until, 'until', now)))
  return query
}

const events: Command = {
  words: 'events',
  operand: 'subject pattern',
  optional: true,
  says: 'events that were kept, the latest ones',
  options: {
    ...{ ...choice, ...range },
    limit: { type: 'string', hint: 'n', says: 'so many, 50 unless given and 1000 at most' },
    cursor: { type: 'string', hint: 'text', says: 'go on where a list before has ended' },
  },
  async run({ client, given, operand, now, print }) {
    const query = queryOf(given, operand, now)
    query.set('limit', textOf(given, 'limit') ?? '50')
    const cursor = textOf(given, 'cursor')
    if (cursor) {
      query.set('cursor', cursor)
      // It has the range in it, and a time that is counted from now is another one by now.
      query.delete('start_time')
      query.delete('end_time')
    }
    const page = await client.ask(Page, 'GET', `/query?${query}`)
    if (given.json) return print(JSON.stringify(page, null, 2))
    if (page.list.length === 0) return print('There are no such events')
    const head = ['TIME', 'SEVERITY', 'NAMESPACE', 'OBJECT', 'REASON', 'TIMES', 'MESSAGE']
    print(table(head, page.list.map(rowOf)))
    if (page.cursor) print(`There are more: --limit takes up to 1000, and --cursor ${page.cursor} goes on`)
  },
}

const rowOf = ({ time, severity, namespace, kind, name, reason, occurrences, message }: Item) => [
  ...[time, severity, namespace, `${kind}/${name}`, reason, String(occurrences), message],
]

const top: Command = {
  words: 'top',
  operand: 'reason,namespace,…',
  says: 'what happened most, by what it has in common',
  options: {
    ...{ ...choice, ...range },
    subject: { type: 'string', hint: 'pattern', says: 'only those of this subject pattern' },
    limit: { type: 'string', hint: 'n', says: 'so many, 20 unless given' },
  },
  async run({ client, given, operand, now, print }) {
    const query = queryOf(given, textOf(given, 'subject') ?? '', now)
    query.set('by', operand)
    query.set('top', textOf(given, 'limit') ?? '20')
    const found = await client.ask(Groups, 'GET', `/aggregate?${query}`)
    if (given.json) return print(JSON.stringify(found, null, 2))
    if (found.list.length === 0) return print('There are no such events')
    const names = Object.keys(found.list[0]?.key ?? {})
    const rows = found.list.map(({ key, occurrences, rate, last }) => [
      ...[String(occurrences), String(rate), last],
      ...names.map(name => key[name] ?? ''),
    ])
    print(table(['TIMES', 'PER MINUTE', 'LAST', ...names.map(name => name.toUpperCase())], rows))
    const { groups, occurrences } = found.total
    print(`${rows.length} of ${groups}; ${occurrences} times in all`)
  },
}

const tail: Command = {
  words: 'tail',
  operand: 'subject pattern',
  optional: true,
  says: 'events as they come, until it is interrupted',
  options: choice,
  async run({ client, given, operand, now, print, warn }) {
    const query = queryOf(given, operand, now)
    for await (const { event, data } of goingOn(`/tail?${query}`, { client, warn })) {
      if (data === undefined) continue
      const told: unknown = JSON.parse(data)
      if (event)
        warn(event === 'back' ? 'It goes on' : z.looseObject({ message: z.string() }).parse(told).message)
      else print(given.json ? JSON.stringify(told) : printable(rowOf(Item.parse(told)).join('  ')))
    }
  },
}

export const eventCommands = [events, top, tail, story]
