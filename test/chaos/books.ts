import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { balance } from '../../shared/ledger.ts'
import { Counted } from '../../shared/tally.ts'

const Hooks = z.object({
  data: z.object({
    list: z.array(
      z.object({
        id: z.string(),
        counts: z.partialRecord(Counted, z.number()).and(z.object({ waiting: z.number() })),
      }),
    ),
  }),
})

/** Posted every 2 s by whoever holds the right to, which a kill may have cost 7 s. */
const patience = 30_000

/**
 * The hooks whose sums do not come out even, asked of ops-api until they do or the time is up. What was really sent
 * twice, so many `repeats` in all, may be counted twice as delivered (infra/decisions/0009).
 */
export async function booksOf(
  up: { api?: string | undefined; token: string },
  repeats: number,
): Promise<string[]> {
  const end = performance.now() + patience
  for (;;) {
    const uneven = await ask(up, repeats)
    if (uneven.length === 0 || performance.now() > end) return uneven
    await pause(1_000)
  }
}

async function ask(
  { api, token }: { api?: string | undefined; token: string },
  repeats: number,
): Promise<string[]> {
  const answer = await fetch(`${api}/api/v1/eventhooks`, { headers: { authorization: `Bearer ${token}` } })
  if (!answer.ok) return [`ops-api answered ${answer.status}`]
  const { list } = Hooks.parse(await answer.json()).data
  return list.flatMap(({ id, counts: { waiting, ...counts } }) => {
    const off = balance(counts, waiting)
    const even = off.matched === 0 && waiting === 0 && off.queued <= 0 && -off.queued <= repeats
    return even ? [] : [JSON.stringify({ id, off, waiting, counts })]
  })
}
