import { describe, expect, it, vi } from 'vitest'
import { checkpointIn } from '../../../../functions/watcher/events/checkpoint.ts'
import { quiet as log } from '../../../quiet.ts'
import { memoryBucket } from './memory.ts'

const at = (version: number, time = 0) => ({ resourceVersion: String(version), time })

describe('checkpointIn()', () => {
  it('remembers the last place, and knows none at first', async () => {
    const { bucket, entries } = memoryBucket()
    const checkpoint = checkpointIn(bucket, 'c', log, 5)
    expect(await checkpoint.read()).toBeUndefined()
    for (let version = 1; version < 50; version++) checkpoint.reach(at(version), false)
    await checkpoint.flush()
    expect(await checkpoint.read()).toEqual(at(49))
    expect(entries.get('c')?.revision).toBeLessThan(4)
  })

  it('does not go back behind a twin, unless the cluster counts anew', async () => {
    const { bucket } = memoryBucket()
    const [one, other] = [checkpointIn(bucket, 'c', log, 5), checkpointIn(bucket, 'c', log, 5)]
    one.reach(at(100), false)
    await one.flush()
    other.reach(at(99), false)
    await other.flush()
    expect(await one.read()).toEqual(at(100))
    other.reach(at(7), true)
    await other.flush()
    expect(await one.read()).toEqual(at(7))
  })

  it('remembers that a quiet cluster was watched, once a minute', async () => {
    const { bucket } = memoryBucket()
    const checkpoint = checkpointIn(bucket, 'c', log, 5)
    for (const time of [0, 59_000, 61_000]) {
      checkpoint.reach(at(5, time), false)
      await checkpoint.flush()
    }
    expect(await checkpoint.read()).toEqual(at(5, 61_000))
  })

  it('writes again what could not be written, or was overtaken in between', async () => {
    const { bucket, state } = memoryBucket()
    const checkpoint = checkpointIn(bucket, 'c', log, 5)
    state.away = true
    checkpoint.reach(at(5), false)
    await checkpoint.flush()
    state.away = false
    await vi.waitFor(async () => expect(await checkpoint.read()).toEqual(at(5)))
  })
})
