import { headers } from '@nats-io/transport-node'
import { describe, expect, it } from 'vitest'
import { replay, type World } from '../../../../functions/ops-api/deadletters/replay.ts'
import type { Stored } from '../../../../shared/adapters/browse.ts'
import { type Message, PublishError } from '../../../../shared/adapters/publisher.ts'

function letter(seq: number): Stored {
  const head = headers()
  head.set('ce-id', `${seq}`)
  return { seq, stored: seq, subject: 'deadletters.t.a', headers: head, payload: Buffer.from('x') }
}

/** Letters at the places 1 to 99, and what was published, in order. */
function worldOf(broken: Partial<World> = {}): World & { published: Message[]; remembered: number[] } {
  const published: Message[] = []
  const remembered: number[] = []
  const nothing = async function* () {}
  return {
    published,
    remembered,
    browser: {
      places: async () => ({ first: 1, last: 99 }),
      count: async () => 99,
      forward: nothing,
      backward: nothing,
      get: async seq => (seq < 100 ? letter(seq) : undefined),
    },
    replays: { of: async () => [], add: async ({ seq }) => void remembered.push(seq) },
    taken: async () => ['retries.t.1.>'],
    publish: async message => void published.push(message),
    now: () => 5_000,
    ...broken,
  }
}
const order = { replayId: 'r', by: 'me', dryRun: false }
const results = (rows: { result: string }[]) => rows.map(({ result }) => result)

describe('replay()', () => {
  it('publishes in order, and remembers only what was acknowledged', async () => {
    const publish = async (message: Message) => {
      if (message.headers?.['Ops-Sequence'] === '2') throw new PublishError('full', 'JetStream is full')
      world.published.push(message)
    }
    const world = worldOf({ publish })
    const rows = await replay([1, 2, 3], order, world)
    expect(results(rows)).toEqual(['replayed', 'failed', 'replayed'])
    expect(rows[1]?.because).toBe('JetStream is full')
    expect(world.remembered).toEqual([1, 3])
  })

  it('publishes under the same id again what it could not remember', async () => {
    const add = () => Promise.reject(new Error('NATS is away'))
    const world = worldOf({ replays: { of: async () => [], add } })
    expect(results(await replay([1], order, world))).toEqual(['failed'])
    await replay([1], order, world)
    expect(world.published.map(({ id }) => id)).toHaveLength(2)
    expect(new Set(world.published.map(({ id }) => id)).size).toBe(1)
  })

  it('touches nothing in a dry run', async () => {
    const world = worldOf()
    const seqs = Array.from({ length: 99 }, (_, n) => n + 1)
    const rows = await replay([...seqs, 100], { ...order, dryRun: true }, world)
    expect(results(rows)).toEqual([...seqs.map(() => 'planned'), 'refused'])
    expect([world.published, world.remembered]).toEqual([[], []])
  })

  it('sends nothing where nobody would take it', async () => {
    const world = worldOf({ taken: async () => ['retries.t.5.>', 'retries.other.1.>'] })
    expect(results(await replay([1], order, world))).toEqual(['refused'])
    expect(world.published).toEqual([])
  })
})
