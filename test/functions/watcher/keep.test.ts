import { describe, expect, it, vi } from 'vitest'
import { type KeeperWorld, keeper } from '../../../functions/watcher/keep.ts'
import type { HookSet } from '../../../shared/hookset.ts'

const set = (revision: string): HookSet => ({ revision, hooks: [] })

/** Writes down what is asked of it; `put` does what it is told to. */
function world(put: (set: HookSet) => Promise<void> = async () => {}) {
  const done: string[] = []
  const write = (what: string) => void done.push(what)
  const inside: KeeperWorld = {
    prepare: async () => write('prepare'),
    async put(one) {
      write(`put ${one.revision}`)
      await put(one)
    },
    first: () => write('first'),
    renewed: () => write('renewed'),
    failed: () => write('failed'),
    log: { debug() {}, info() {}, error() {}, warn: (_, message) => write(message) },
  }
  return { inside, done }
}

const comes = (look: () => void) => vi.waitFor(look, { timeout: 20_000, interval: 5 })

describe('keeper', () => {
  it('prepares the place, puts the set in force and is ready', async () => {
    const { inside, done } = world()
    const keep = keeper(inside)
    expect(keep.ready()).toBe(false)
    keep.keep(set('one'))
    await comes(() => expect(keep.ready()).toBe(true))
    keep.keep(set('two'))
    await comes(() => expect(done).toEqual(['prepare', 'put one', 'renewed', 'first', 'put two', 'renewed']))
    keep.stop()
  })

  it('tries again until it is done, prepares the place anew, and complains once', async () => {
    let away = 2
    const { inside, done } = world(async () => {
      if (away-- > 0) throw new Error('NATS is away')
    })
    const keep = keeper(inside, { again: 5 })
    keep.keep(set('one'))
    await comes(() => expect(done.at(-1)).toBe('first'))
    expect(done).toEqual([
      ...['prepare', 'put one', 'failed', 'Cannot put the hooks in force, trying again'],
      ...['prepare', 'put one', 'failed'],
      ...['prepare', 'put one', 'renewed', 'first'],
    ])
    keep.stop()
  })

  it('goes on to the latest set as soon as the one in hand is done', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { inside, done } = world(({ revision }) => (revision === 'one' ? promise : Promise.resolve()))
    const keep = keeper(inside)
    keep.keep(set('one'))
    await comes(() => expect(done).toContain('put one'))
    keep.keep(set('two'))
    keep.keep(set('three'))
    resolve()
    await comes(() => expect(done.filter(what => what.startsWith('put'))).toEqual(['put one', 'put three']))
    keep.stop()
  })

  it('looks after the set that is in force', async () => {
    const { inside, done } = world()
    const keep = keeper(inside, { every: 5 })
    keep.keep(set('one'))
    await comes(() => expect(done.filter(what => what === 'put one').length).toBeGreaterThan(2))
    expect(done.filter(what => what === 'renewed')).toHaveLength(1)
    keep.stop()
  })
})
