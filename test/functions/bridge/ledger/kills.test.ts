import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { publishHooks, revisionOf } from '../../../../shared/adapters/hooks.ts'
import { ledgerReader } from '../../../../shared/adapters/ledger.ts'
import { openRedis } from '../../../../shared/adapters/redis.ts'
import { balance } from '../../../../shared/ledger.ts'
import { quiet as log } from '../../../quiet.ts'
import { ownNats, sharedRedis } from '../../../servers.ts'
import { openRig, pause, until } from '../rig.ts'
import { openSink } from '../sink.ts'
import { hookOf } from './books.ts'

describe('the ledger of two bridges', async () => {
  const server = await ownNats()
  const rig = await openRig(server.url)

  it('counts every event once while bridges and the bus are killed', async () => {
    const redis = openRedis(sharedRedis(), log)
    onTestFinished(() => redis.close())
    const hooks = [hookOf('n/h', 'ops.killed.>')]
    await publishHooks(rig.nats, redis, { revision: revisionOf(hooks), hooks }, log)
    const sink = await openSink(async () => {
      await pause(15)
      return () => ({ status: 200, tally: { 'n/h': { matched: 1, dedup: 1 } } })
    })
    onTestFinished(sink.close)
    const trigger = {
      name: 'killed',
      filter: { subjects: ['ops.killed.>'] },
      sink: { uri: sink.url },
      batch: 10,
      concurrency: 4,
      own: true,
      covers: 'hooks' as const,
    }
    const many = 6_000
    const sent = Array.from({ length: many }, (_, index) => rig.event(`ops.killed.o${index % 50}.events`))
    const one = await rig.process([trigger])
    await rig.process([trigger])
    await rig.publish(sent)
    await until('some to be taken', () => sink.taken.size > 500)
    await one.kill()
    const three = await rig.process([trigger])
    await until('more to be taken', () => sink.taken.size > 2_000)
    await server.restart()
    await until('still more to be taken', () => sink.taken.size > 3_500)
    await three.kill()
    await until('all to be taken', () => sink.taken.size === many)
    await rig.idle('killed')

    const reader = ledgerReader(rig.nats)
    await vi.waitFor(async () => expect((await reader.read()).received).toBe(many), 25_000)
    const { counts, hooks: lines, patterns } = await reader.read()
    expect(lines.get('n/h')?.counts).toEqual({ matched: many, dedup: many })
    expect([...patterns]).toEqual([['ops.killed.>', many]])
    expect(balance(counts, 0)).toEqual({ matched: 0, queued: 0 })
    await pause(3_000)
    expect((await reader.read()).received).toBe(many)
  }, 120_000)
})
