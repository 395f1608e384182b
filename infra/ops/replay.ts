import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { type Client, misused, refused, Trouble, unreachable } from './client.ts'
import type { Command } from './command.ts'
import { chosenBy, selectors, textOf } from './selectors.ts'
import { table } from './table.ts'

const Row = z.looseObject({
  id: z.string(),
  result: z.string(),
  trigger: z.string().default(''),
  hook: z.string().optional(),
  subject: z.string().default(''),
  because: z.string().optional(),
})
const Replayed = z.looseObject({
  replayId: z.string(),
  counts: z.record(z.string(), z.number()),
  list: z.array(Row),
  cursor: z.string().optional(),
})

/** `deadletters replay`: part by part under one replay id, so that it can be gone on with. */
export const replay: Command = {
  words: 'deadletters replay',
  says: 'send them again, each to the trigger that gave it up; again with one --replay-id sends none twice',
  options: {
    ...selectors,
    all: { type: 'boolean', says: 'all there are' },
    'dry-run': { type: 'boolean', says: 'only say what would be done' },
    'replay-id': { type: 'string', hint: 'id', says: 'the name of this replay, a new one unless given' },
    limit: { type: 'string', hint: 'n', says: 'at most so many, the oldest first' },
  },
  async run({ client, given, now, print }) {
    const { id, ...chosen } = chosenBy(given, now)
    const dryRun = given['dry-run'] === true
    const replayId = textOf(given, 'replay-id') ?? randomUUID()
    const order = { ...chosen, ...(id && { ids: id }), ...(given.all && { all: true }), dryRun, replayId }
    const counts: Record<string, number> = {}
    const rows: z.output<typeof Row>[] = []
    let left = Number(textOf(given, 'limit') ?? Number.POSITIVE_INFINITY)
    if (!(left >= 1)) throw new Trouble(misused, `--limit is "${given.limit}", it has to be a number from 1`)
    for (let cursor: string | undefined; left > 0; left -= 1_000) {
      const some = await part(client, { ...order, limit: Math.min(left, 1_000), ...(cursor && { cursor }) })
      rows.push(...some.list)
      for (const [result, many] of Object.entries(some.counts)) counts[result] = (counts[result] ?? 0) + many
      if (!given.json && some.list.length > 0) print(resultTable(some.list))
      cursor = some.cursor
      if (!cursor) break
    }
    if (given.json) print(JSON.stringify({ replayId, dryRun, counts, list: rows }, null, 2))
    else print(summary(replayId, dryRun, counts))
    if ((counts.failed ?? 0) + (counts.refused ?? 0) > 0)
      throw new Trouble(refused, 'Some could not be sent again: see above')
  },
}

async function part(client: Client, order: { replayId: string; limit: number; cursor?: string }) {
  try {
    return await client.ask(Replayed, 'POST', '/deadletters/replay', order)
  } catch (error) {
    if (!(error instanceof Trouble) || error.code !== unreachable) throw error
    throw new Trouble(
      unreachable,
      `${error.message}\nSome may be sent already: go on with --replay-id ${order.replayId} and none is sent twice`,
    )
  }
}

const resultTable = (rows: z.output<typeof Row>[]) =>
  table(
    ['RESULT', 'ID', 'TRIGGER', 'HOOK OR SUBJECT', 'BECAUSE'],
    rows.map(row => [row.result, row.id, row.trigger, row.hook ?? row.subject, row.because ?? '']),
  )

function summary(replayId: string, dryRun: boolean, counts: Record<string, number>): string {
  const some = Object.entries(counts).filter(([, many]) => many > 0)
  const words = some.map(([result, many]) => `${many} ${result}`).join(', ') || 'nothing to send again'
  return dryRun ? `Dry run: ${words}` : `Replay ${replayId}: ${words}`
}
