import { expect, it } from 'vitest'
import { sayingRivals } from '../../../functions/watcher/rivals.ts'

/** Says how often it was warned, after sets were put that met these in force. */
async function warned(...turns: [revision: string, met: string | undefined][]): Promise<number> {
  let warnings = 0
  let met: string | undefined
  const log = { debug() {}, info() {}, warn: () => void warnings++, error() {} }
  const put = sayingRivals(async () => met, log)
  for (const [revision, found] of turns) {
    met = found
    await put({ revision })
  }
  return warnings
}

it('says nothing of what was in force before its first set, nor of its own before', async () => {
  expect(await warned(['a', 'before'], ['a', undefined], ['b', 'a'], ['b', undefined])).toBe(0)
})

it('says once of each that has taken the place of its set', async () => {
  expect(await warned(['a', undefined], ['a', 'x'], ['a', 'x'], ['a', undefined], ['a', 'y'])).toBe(2)
})
