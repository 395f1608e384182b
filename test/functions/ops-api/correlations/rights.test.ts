import fc from 'fast-check'
import { expect, it } from 'vitest'
import { troubles } from '../../../troubles.ts'
import { storyRig } from './rig.ts'

const rig = await storyRig()

const day = 'start_time=2026-05-04T00:00:00Z&end_time=2026-05-05T00:00:00Z&limit=100'
const shop = ['ops.clusters.*.namespaces.shop.>']

it('whatever happens, who may see one namespace is told what would be told if there were nothing else', async () => {
  let joined = 0
  await fc.assert(
    fc.asyncProperty(troubles, async rows => {
      const own = rows.filter(({ namespace }) => namespace === 'shop')
      const ids = [...new Set(rows.map(({ correlation }) => correlation))].filter(id => id !== null)
      const tell = async (read: string[]) => ({
        stories: await Promise.all(ids.map(id => rig.ask(`/${id}`, read))),
        list: await rig.stories(day, read),
      })
      await rig.clear()
      await rig.store(rows)
      const seen = await tell(shop)
      await rig.clear()
      await rig.store(own)
      expect(seen).toEqual(await tell(['>']))
      joined += seen.list.list.filter(({ correlations }) => correlations > 1).length
    }),
    { numRuns: 8, seed: 4 },
  )
  expect(joined).toBeGreaterThan(5)
})
