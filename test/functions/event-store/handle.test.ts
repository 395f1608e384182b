import { Kysely, PostgresDialect } from 'kysely'
import { describe, expect, it } from 'vitest'
import { storingEvents, type World } from '../../../functions/event-store/handle.ts'
import { PublishError } from '../../../shared/adapters/publisher.ts'
import { classifierOf } from '../../../shared/classify.ts'
import type { Tables } from '../../../shared/database.ts'
import { quiet } from '../../quiet.ts'
import { backOffs, minute, noon } from './events.ts'

/** Takes all rows; all events here have their time, so that the database is not asked. */
function handling(more: Partial<World> & { at?: () => number } = {}) {
  const calls: string[] = []
  const world: World = {
    db: new Kysely<Tables>({
      dialect: new PostgresDialect({ pool: () => Promise.reject(new Error('not asked')) }),
    }),
    async migrate() {
      calls.push('migrate')
      return []
    },
    store: async rows => ({ verdicts: rows.map(() => 'stored'), fresh: rows.length }),
    sweep: async () => calls.push('sweep'),
    afterwards: [],
    classify: classifierOf(),
    retention: { keepOf: () => 14 },
    now: () => new Date(more.at?.() ?? noon),
    log: quiet,
    ...more,
  }
  return { handle: storingEvents(world).handle, calls }
}

describe('storing events', () => {
  it('does what comes afterwards over all that is stored, each in turn', async () => {
    const seen: string[] = []
    const { handle } = handling({
      store: async rows => ({
        verdicts: rows.map((_, at) => (at === 1 ? { refused: 'too odd' } : 'stored')),
        fresh: 0,
      }),
      afterwards: [1, 2].map(which => async rows => void seen.push(`${which}: ${rows.length}`)),
    })
    expect(await handle(backOffs(3))).toEqual([
      { kind: 'done' },
      { kind: 'drop', reason: 'too odd' },
      { kind: 'done' },
    ])
    expect(seen).toEqual(['1: 2', '2: 2'])
  })

  it('waits with the batch where the bus is away, and fails for a fault of its own', async () => {
    const failing = (error: Error) =>
      handling({ afterwards: [() => Promise.reject(error)] }).handle(backOffs(2))
    await expect(failing(new PublishError('unavailable', 'no answer'))).resolves.toMatchObject({
      ...{ kind: 'retry', attempted: false },
    })
    await expect(failing(new TypeError('x is no function'))).rejects.toThrow('x is no function')
  })

  it('brings the tables up to date once, and again when something failed', async () => {
    let fails = false
    const { handle, calls } = handling({
      afterwards: [async () => (fails ? Promise.reject(new Error('Connection terminated')) : undefined)],
    })
    for (const failing of [false, false, true, false]) {
      fails = failing
      await handle(backOffs(1))
    }
    expect(calls.filter(call => call === 'migrate')).toHaveLength(2)
  })

  it('looks for what is over every five minutes, and goes on where that fails', async () => {
    let now = noon
    const { handle, calls } = handling({
      at: () => now,
      async sweep() {
        calls.push('sweep')
        throw new Error('in use')
      },
    })
    for (const after of [0, minute, 5 * minute]) {
      now = noon + after
      expect(await handle(backOffs(1))).toEqual([{ kind: 'done' }])
    }
    expect(calls.filter(call => call === 'sweep')).toHaveLength(2)
  })

  it('does not look for it again while it still does, and keeps no event waiting for that', async () => {
    let now = noon
    const over = Promise.withResolvers<void>()
    const { handle, calls } = handling({
      at: () => now,
      sweep() {
        calls.push('sweep')
        return over.promise
      },
    })
    const sweeps = async () => {
      now += 5 * minute
      expect(await handle(backOffs(1))).toEqual([{ kind: 'done' }])
      return calls.filter(call => call === 'sweep').length
    }
    expect([await sweeps(), await sweeps()]).toEqual([1, 1])
    over.resolve()
    await expect.poll(sweeps).toBe(2)
  })
})
