import { describe, expect, it } from 'vitest'
import { memoryIn } from '../../../../functions/watcher/runs/memory.ts'
import type { Reached } from '../../../../functions/watcher/runs/timetable.ts'
import { quiet } from '../../../quiet.ts'

const noon = Date.parse('2026-11-21T12:00:00Z')

/** A bucket, and the memories of watchers that share it. */
function bucket() {
  const values = new Map<string, { value: string; revision: number }>()
  let [now, away, revisions] = [noon, false, 0]
  const world = { cluster: 'c1', wall: () => now, sleep: async () => {}, log: quiet }

  const memory = (of: { namespace?: string } = {}) =>
    memoryIn(
      {
        async get(key) {
          if (away) throw new Error('NATS is away')
          return values.get(key) ?? { value: undefined, revision: 0 }
        },
        async put(key, value, revision) {
          if (away) throw new Error('NATS is away')
          if (revision !== undefined && revision !== (values.get(key)?.revision ?? 0))
            throw new Error('wrong last sequence')
          values.set(key, { value, revision: ++revisions })
        },
      },
      { ...world, ...of },
    )
  return {
    values,
    memory,
    writes: () => revisions,
    later(ms: number) {
      now += ms
    },
    is(now: 'away' | 'back') {
      away = now === 'away'
    },
  }
}

const reached = (given: number, more: Partial<Reached> = {}): Reached => ({
  ...{ given, edits: new Map(), news: false, anew: false },
  ...more,
})

describe('memoryIn()', () => {
  it('knows nothing at the very first start', async () => {
    expect(await bucket().memory().read()).toEqual({ given: undefined, edits: new Map() })
  })

  it('reads what was remembered', async () => {
    const { memory } = bucket()
    const edits = new Map([['uid-a', { generation: 3, since: noon - 5_000 }]])
    await memory().remember(reached(noon, { edits, news: true }))
    expect(await memory().read()).toEqual({ given: noon, edits })
  })

  it('writes news within a second, and that time went on every ten', async () => {
    const { memory, later, writes } = bucket()
    const one = memory()
    await one.remember(reached(noon))
    for (let seconds = 0; seconds < 20; seconds++) {
      later(1_000)
      await one.remember(reached(noon + seconds))
    }
    expect(writes()).toBe(3)
    await one.remember(reached(noon + 20_000, { news: true }))
    await one.remember(reached(noon + 20_001))
    later(1_000)
    await one.remember(reached(noon + 20_002))
    expect(writes()).toBe(4)
    expect((await one.read()).given).toBe(noon + 20_002)
  })

  it('never goes back behind a twin, unless the clock was put back', async () => {
    const { memory, later } = bucket()
    const [one, other] = [memory(), memory()]
    await one.remember(reached(noon))
    await other.remember(reached(noon - 60_000))
    expect(await other.given()).toBe(noon)
    later(10_000)
    await other.remember(reached(noon - 50_000, { anew: true }))
    expect(await one.given()).toBe(noon - 50_000)
  })

  it('writes later what it cannot now', async () => {
    const { memory, later, is } = bucket()
    const one = memory()
    is('away')
    await one.remember(reached(noon, { news: true }))
    is('back')
    later(1_000)
    await one.remember(reached(noon + 1))
    expect(await one.given()).toBe(noon + 1)
  })

  it('writes at the end what is not written yet', async () => {
    const { memory } = bucket()
    const one = memory()
    await one.remember(reached(noon))
    await one.remember(reached(noon + 900))
    await one.flush()
    expect(await memory().given()).toBe(noon + 900)
  })

  it('remembers apart what watchers of a namespace each have given', async () => {
    const { memory } = bucket()
    await memory({ namespace: 'a' }).remember(reached(noon))
    expect(await memory({ namespace: 'b' }).given()).toBeUndefined()
    expect(await memory({ namespace: 'a' }).given()).toBe(noon)
  })

  it('takes what nobody can read for nothing', async () => {
    const { memory, values } = bucket()
    values.set('runs.given.c1', { value: 'garbage', revision: 1 })
    values.set('runs.edits.c1', { value: '[1]', revision: 1 })
    expect(await memory().read()).toEqual({ given: undefined, edits: new Map() })
  })
})
