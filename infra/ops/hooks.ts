import { z } from 'zod'
import { suppressed } from '../../shared/ledger.ts'
import { misused, Trouble } from './client.ts'
import type { Command } from './command.ts'
import { table } from './table.ts'

const many = z.number().default(0)
const HookCounts = z.looseObject({
  ...{ matched: many, delivered: many, republished: many, waiting: many, dead: many, refused: many },
  ...{ dedup: many, threshold: many, storm: many, silenced: many, suspended: many },
  lastError: z.string().default(''),
})
const Hook = z.looseObject({
  id: z.string(),
  type: z.string(),
  subject: z.string(),
  suspend: z.boolean(),
  counts: HookCounts.optional(),
})
const Page = z.looseObject({ list: z.array(Hook), total: z.number() })

const list: Command = {
  words: 'hooks list',
  says: 'the hooks in force and what their events came to',
  options: { namespace: { type: 'string', hint: 'ns', says: 'only those of this namespace' } },
  async run({ client, given, print }) {
    const within =
      given.namespace === undefined ? '' : `/namespaces/${encodeURIComponent(String(given.namespace))}`
    const page = await client.ask(Page, 'GET', `${within}/eventhooks?page_size=1000`)
    if (given.json) return print(JSON.stringify(page, null, 2))
    if (page.list.length === 0) return print('There are no such hooks in force')
    const rows = page.list.map(({ id, type, subject, suspend, counts }) => [
      ...[id, suspend ? `${type}, suspended` : type],
      ...cellsOf(counts),
      ...[subject, counts?.lastError ?? ''],
    ])
    const numbers = ['MATCHED', 'SUPPRESSED', 'DELIVERED', 'WAITING', 'DEAD']
    print(table(['HOOK', 'TYPE', ...numbers, 'SUBJECT', 'LAST ERROR'], rows))
    if (page.total > rows.length) print(`${rows.length} of ${page.total}`)
  },
}

/** As the status of a hook has it: republished is delivered, and refused is as dead. */
function cellsOf(counts: z.infer<typeof HookCounts> | undefined): string[] {
  if (!counts) return Array(5).fill('')
  const { matched, delivered, republished, waiting, dead, refused } = counts
  return [matched, suppressed(counts), delivered + republished, waiting, dead + refused].map(String)
}

const show: Command = {
  words: 'hooks show',
  operand: 'namespace/name',
  says: 'one of them, as JSON',
  options: {},
  async run({ client, operand, print }) {
    const [namespace, name] = operand.split('/').map(encodeURIComponent)
    if (!namespace || !name)
      throw new Trouble(misused, `"${operand}" is no hook: it has to be namespace/name`)
    print(
      JSON.stringify(await client.ask(Hook, 'GET', `/namespaces/${namespace}/eventhooks/${name}`), null, 2),
    )
  },
}

export const hookCommands = [list, show]
