import fc from 'fast-check'
import { sql } from 'kysely'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { linker } from '../../../../functions/event-store/links/linker.ts'
import { links as migration } from '../../../../functions/event-store/migrations/links.ts'
import { type Link, linksOf } from '../../../../shared/causes/links.ts'
import { signsOf } from '../../../../shared/causes/signs.ts'
import { openOwnDatabase } from '../../../databases.ts'
import { stored } from '../../../stored.ts'
import { troubles } from '../../../troubles.ts'

const { db } = await openOwnDatabase()
const link = linker(db)

beforeAll(() => migration.up(db))
beforeEach(() => sql`truncate links, signs`.execute(db))

async function kept(): Promise<Link[]> {
  const rows = await db
    .selectFrom('links')
    .selectAll()
    .orderBy('child')
    .orderBy('parent')
    .orderBy('rule')
    .execute()
  return rows.map(({ child, parent, rule, cause_id, cause_time, effect_id, effect_time }) => ({
    ...{ child, parent, rule },
    cause: { id: cause_id, time: cause_time },
    effect: { id: effect_id, time: effect_time },
  }))
}

const inOrder = (links: Link[]) => links.toSorted((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1))
const orderOf = ({ child, parent, rule }: Link) => [child, parent, rule].join(' ')

function cut<T>(all: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) =>
    all.slice(at * size, (at + 1) * size),
  )
}

describe('links', () => {
  it('are the same in whatever order and batches events come, also twice and two batches at once', async () => {
    let seen = 0
    const arrival = troubles.chain(all =>
      fc.record({
        all: fc.constant(all),
        mixed: fc.shuffledSubarray(all, { minLength: all.length }),
        size: fc.integer({ min: 1, max: 30 }),
        again: fc.subarray(all),
      }),
    )
    await fc.assert(
      fc.asyncProperty(arrival, async ({ all, mixed, size, again }) => {
        await sql`truncate links, signs`.execute(db)
        for (const pair of cut([...cut(mixed, size), again], 2)) await Promise.all(pair.map(link))
        const found = await kept()
        expect(found).toEqual(inOrder(linksOf(all.flatMap(signsOf))))
        seen += found.length
      }),
      { numRuns: 25, seed: 20260504 },
    )
    expect(seen).toBeGreaterThan(150)
  })

  it('keep the earliest events that show them', async () => {
    const late = stored({ at: '2026-05-04T10:05:00Z', kind: 'Node', name: 'node-1', reason: 'NodeNotReady' })
    const early = stored({ at: '2026-05-04T10:04:00Z', kind: 'Node', name: 'node-1', reason: 'NodeNotReady' })
    const gone = stored({ at: '2026-05-04T10:06:00Z', name: 'web-1', reason: 'Killing', node: 'node-1' })
    await link([gone, late])
    expect(await kept()).toEqual([
      expect.objectContaining({
        child: gone.correlation,
        parent: late.correlation,
        rule: 'node-trouble',
        cause: { id: late.id, time: late.time },
      }),
    ])
    await link([early])
    expect(await kept()).toEqual([expect.objectContaining({ cause: { id: early.id, time: early.time } })])
  })

  it.each([
    ['before', [0, 1]],
    ['after', [1, 0]],
  ])('are found at the ends of their time, the cause stored %s the effect', async (_, order) => {
    const node = stored({ at: '2026-05-04T10:30:00Z', kind: 'Node', name: 'node-1', reason: 'NodeNotReady' })
    const ends = ['10:29:30', '10:40:00', '10:29:10', '10:40:20'].map((time, pod) =>
      stored({ at: `2026-05-04T${time}Z`, name: `web-${pod}`, reason: 'Killing', node: 'node-1' }),
    )
    const batches = [[node], ends]
    for (const at of order) await link(batches[at] ?? [])
    const children = (await kept()).map(({ child }) => child)
    expect(new Set(children)).toEqual(new Set(ends.slice(0, 2).map(({ correlation }) => correlation)))
  })

  it('of a storm cost no more than its steps, and are as many as there are roots', async () => {
    const pods = 100
    const storm = Array.from({ length: 2_500 }, (_, at) =>
      stored({
        ...{ at: Date.parse('2026-05-04T10:20:00Z') + at * 20, reason: 'Unhealthy', severity: 'warning' },
        ...{ name: `web-${at % pods}`, node: 'node-1', owners: [`Deployment/web-${at % pods}`] },
      }),
    )
    const down = stored({ at: '2026-05-04T10:20:00Z', kind: 'Node', name: 'node-1', reason: 'NodeNotReady' })
    for (const batch of cut(storm, 500)) await link(batch)
    await link([down])
    expect(await db.selectFrom('signs').select('id').execute()).toHaveLength(5 * pods + 1)
    expect(await kept()).toHaveLength(pods)
  })
})
