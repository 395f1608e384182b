import { z } from 'zod'
import { misused, Trouble } from './client.ts'
import type { Command } from './command.ts'
import { newSilence } from './new-silence.ts'
import { table } from './table.ts'

const Silence = z.looseObject({
  id: z.string(),
  from: z.string(),
  state: z.string(),
  until: z.string().optional(),
  next: z.string().optional(),
  silenced: z.number(),
  spec: z.looseObject({
    subject: z.string(),
    matchers: z.array(z.object({ name: z.string(), op: z.string(), value: z.string() })).default([]),
    hooks: z.array(z.string()).default([]),
    author: z.string(),
    comment: z.string(),
  }),
})
type Silence = z.infer<typeof Silence>
const Page = z.looseObject({ list: z.array(Silence), total: z.number() })

const list: Command = {
  words: 'silences list',
  says: 'who keeps which hooks quiet, and until when',
  options: {
    state: { type: 'string', hint: 'state', says: 'only those that are active, pending or expired' },
  },
  async run({ client, given, print }) {
    const state = given.state === undefined ? '' : `&state=${encodeURIComponent(String(given.state))}`
    const page = await client.ask(Page, 'GET', `/silences?page_size=100${state}`)
    if (given.json) return print(JSON.stringify(page, null, 2))
    if (page.list.length === 0) return print('There are no such silences')
    print(rows(page.list))
    if (page.total > page.list.length) print(`${page.list.length} of ${page.total}`)
  },
}

const show: Command = {
  words: 'silences show',
  operand: 'namespace/name',
  says: 'one of them and what it silenced last, as JSON',
  options: {},
  async run({ client, operand, print }) {
    const path = pathOf(operand)
    const silence = await client.ask(Silence, 'GET', path)
    const { list: latest } = await client.ask(
      z.object({ list: z.array(z.unknown()) }),
      'GET',
      `${path}/silenced`,
    )
    print(JSON.stringify({ ...silence, latest }, null, 2))
  },
}

const add: Command = {
  words: 'silences add',
  says: 'keep hooks quiet, all of them about everything unless told',
  options: {
    subject: { type: 'string', hint: 'pattern', says: 'about events on these subjects' },
    match: {
      type: 'string',
      multiple: true,
      hint: 'name=value',
      says: 'and where this holds, also !=, =~ and !~; again for more',
    },
    hook: { type: 'string', multiple: true, hint: 'ns/name', says: 'only this hook; again for more' },
    for: {
      type: 'string',
      hint: '2h',
      says: 'how long from now, or from --from; with --cron how long each time',
    },
    from: { type: 'string', hint: 'time', says: 'not before, such as 2026-01-31T22:00:00Z' },
    until: { type: 'string', hint: 'time', says: 'not after, in place of --for' },
    cron: { type: 'string', hint: 'fields', says: 'again and again, such as "0 22 * * 6"' },
    'time-zone': { type: 'string', hint: 'name', says: 'of --cron, UTC unless given' },
    name: { type: 'string', hint: 'ns/name', says: 'its name, a made one unless given' },
    comment: { type: 'string', hint: 'text', says: 'why' },
  },
  async run({ client, given, now, print }) {
    const silence = await client.ask(Silence, 'POST', '/silences', newSilence(given, now))
    print(given.json ? JSON.stringify(silence, null, 2) : rows([silence]))
  },
}

const expire: Command = {
  words: 'silences expire',
  operand: 'namespace/name',
  says: 'end one now; one that is over already is taken away',
  options: {},
  async run({ client, given, operand, print }) {
    const silence = await client.ask(Silence, 'DELETE', pathOf(operand))
    print(given.json ? JSON.stringify(silence, null, 2) : rows([silence]))
  },
}

const rows = (silences: Silence[]) =>
  table(
    ['SILENCE', 'STATE', 'UNTIL', 'NEXT', 'SILENCED', 'ABOUT', 'AUTHOR', 'COMMENT'],
    silences.map(({ id, state, until = '', next = '', silenced, spec }) => [
      ...[id, state, until, next, String(silenced)],
      ...[aboutOf(spec), spec.author, spec.comment],
    ]),
  )

/** All that has to hold, for who wonders why a hook is quiet: `ops.> data.reason=~Back.* of ops/a`. */
function aboutOf({ subject, matchers, hooks }: Silence['spec']): string {
  const asked = matchers.map(({ name, op, value }) => name + op + value)
  return [subject, ...asked, ...(hooks.length > 0 ? [`of ${hooks.join(', ')}`] : [])].join(' ')
}

function pathOf(id: string): string {
  const [namespace, name, more] = id.split('/')
  if (!namespace || !name || more !== undefined)
    throw new Trouble(misused, `"${id}" is no silence: it has to be namespace/name`)
  return `/silences/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`
}

export const silenceCommands = [list, show, add, expire]
