import { describe, expect, it } from 'vitest'
import { occurrencesIn } from '../../../../functions/watcher/events/counts.ts'
import { memoryBucket } from './memory.ts'

/** One version of object `a`, of which nobody knew anything before that would say otherwise. */
const version = (number: number, count: number, otherwise = 0) => ({
  ...{ uid: 'a', version: String(number), count, otherwise },
})

describe('occurrencesIn()', () => {
  it('tells how many are new, version by version', async () => {
    const counts = occurrencesIn(memoryBucket().bucket)
    expect(await counts.of(version(1, 1))).toBe(1)
    expect(await counts.of(version(2, 2, 1))).toBe(1)
    expect(await counts.of(version(3, 9, 1))).toBe(7)
    expect(await counts.of(version(4, 9, 1))).toBe(0)
  })

  it('says the same when it is asked about one version again', async () => {
    const counts = occurrencesIn(memoryBucket().bucket)
    await counts.of(version(1, 1))
    expect(await counts.of(version(2, 5, 1))).toBe(4)
    expect(await counts.of(version(2, 5, 1))).toBe(4)
  })

  it('knows after a restart, and in a twin, what the bus was told', async () => {
    const { bucket } = memoryBucket()
    const before = occurrencesIn(bucket)
    await before.of(version(1, 1))
    await before.of(version(2, 3, 1))
    await before.remember(version(2, 3))
    const after = occurrencesIn(bucket)
    expect(await after.of(version(2, 3, 1))).toBe(2)
    expect(await after.of(version(5, 10, 1))).toBe(7)
  })

  it('takes what is said otherwise where nobody remembers', async () => {
    const counts = occurrencesIn(memoryBucket().bucket)
    expect(await counts.of(version(7, 40, 39))).toBe(1)
    expect(await counts.of({ ...version(8, 6), uid: 'b' })).toBe(6)
  })

  it('does not take back what a twin that is ahead has counted', async () => {
    const { bucket } = memoryBucket()
    const ahead = occurrencesIn(bucket)
    await ahead.of(version(3, 8, 1))
    await ahead.remember(version(3, 8))
    const behind = occurrencesIn(bucket)
    expect(await behind.of(version(2, 5, 1))).toBe(1)
    expect(await behind.of(version(3, 8, 1))).toBe(7)
  })

  it('counts from the beginning where the count itself does', async () => {
    const counts = occurrencesIn(memoryBucket().bucket)
    await counts.of(version(1, 8))
    expect(await counts.of(version(2, 2, 1))).toBe(2)
  })

  it('asks and writes nothing for what has happened once', async () => {
    const { bucket, state } = memoryBucket()
    state.away = true
    const counts = occurrencesIn(bucket)
    expect(await counts.of(version(1, 1))).toBe(1)
    await counts.remember(version(1, 1))
    expect(state.puts).toBe(0)
  })

  it('leaves the word to a later version that is under way', async () => {
    const { bucket, entries } = memoryBucket()
    const counts = occurrencesIn(bucket)
    await counts.of(version(1, 2))
    await counts.of(version(2, 3, 1))
    await counts.remember(version(1, 2))
    expect(entries.size).toBe(0)
  })
})
