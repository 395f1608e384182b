import { jetstreamManager } from '@nats-io/jetstream'
import { afterAll, describe, expect, it } from 'vitest'
import { openNats } from '../../../shared/adapters/nats.ts'
import { runTokensIn } from '../../../shared/adapters/run-tokens.ts'
import { ensureStreams } from '../../../shared/adapters/streams.ts'
import {
  digestOf,
  isGood,
  newRunToken,
  type RunToken,
  runOf,
  runSubjects,
} from '../../../shared/run-tokens.ts'
import { quiet } from '../../quiet.ts'
import { natsVersions, ownNats } from '../../servers.ts'

const now = Date.parse('2026-01-31T12:00:00Z')

function kept(token: string, uid = 'f1f0-1'): RunToken {
  return {
    ...{ sha256: digestOf(token), kind: 'TaskRun', namespace: 'ops', name: 'check-1', uid },
    ...{
      publish: runSubjects('c1'),
      expires: '2026-01-31T13:00:00Z',
      lineage: { hops: 1, via: 'ops/remedy' },
    },
  }
}

describe.each(natsVersions)('runTokensIn() over nats-server %s', async version => {
  const server = await ownNats(version)
  const nats = openNats(server.url, 'test', quiet)
  const nc = await nats.opened
  const tokens = runTokensIn(nats)
  afterAll(() => nats.close())

  it('rejects where the bucket is not there yet: that may be a server which is just starting', async () => {
    await expect(tokens.find('f1f0-1')).rejects.toThrow()
  })

  it('keeps a token until it is dropped, or its entry lapses after 25 hours', async () => {
    await ensureStreams(nc, 1, quiet)
    const one = kept(newRunToken('f1f0-1'))
    await tokens.keep(one)
    expect(await tokens.find('f1f0-1')).toEqual(one)
    expect(await tokens.find('f1f0-2')).toBeUndefined()
    await tokens.drop('f1f0-1')
    expect(await tokens.find('f1f0-1')).toBeUndefined()
    await tokens.drop('f1f0-1')
    const { config } = await (await jetstreamManager(nc)).streams.info('KV_runtokens')
    expect(config.max_age / 1e9).toBe(25 * 3600)
  })

  it('keeps one again that was dropped', async () => {
    await tokens.keep(kept('again', 'f1f0-9'))
    await tokens.drop('f1f0-9')
    await tokens.keep(kept('again', 'f1f0-9'))
    expect(await tokens.find('f1f0-9')).toEqual(kept('again', 'f1f0-9'))
  })

  it('leaves the tokens good that the run had before, whoever keeps one at the same time', async () => {
    const all = ['a', 'b', 'c', 'd'].map(() => newRunToken('f1f0-3'))
    await Promise.all([...all, ...all].map(token => tokens.keep(kept(token, 'f1f0-3'))))
    const found = await tokens.find('f1f0-3')
    expect(found && all.map(token => isGood(token, found, now))).toEqual([true, true, true, true])
    expect(found?.former).toHaveLength(3)
    expect(found && isGood(newRunToken('f1f0-3'), found, now)).toBe(false)
  })

  it('forgets the oldest of very many', async () => {
    for (let n = 0; n < 12; n++) await tokens.keep(kept(`token-${n}`, 'f1f0-4'))
    const found = await tokens.find('f1f0-4')
    expect(found?.former).toHaveLength(8)
    const good = (n: number) => found && isGood(`token-${n}`, found, now)
    expect([good(11), good(3), good(2)]).toEqual([true, true, false])
  })

  it('takes no uid that is none', async () => {
    await expect(tokens.keep(kept('x', 'a b'))).rejects.toThrow()
    for (const uid of ['', '*', '>', 'a.b', 'a b']) expect(await tokens.find(uid)).toBeUndefined()
  })

  it('rejects while NATS is away', async () => {
    await server.kill()
    await expect(tokens.find('f1f0-3')).rejects.toThrow()
    await expect(tokens.drop('f1f0-3')).rejects.toThrow()
  })
})

describe('a token of a run', () => {
  it('tells whose it is, and anything else tells nothing', () => {
    expect(runOf(newRunToken('0f5e-77'))).toBe('0f5e-77')
    const wrong = ['', 'opsrun_', 'opsrun_a_b', `opsrun_${'a'.repeat(65)}_${'0'.repeat(48)}`, 'opsrun_a.b_c']
    expect(wrong.map(runOf)).toEqual(wrong.map(() => undefined))
  })

  it('is good until it expires', () => {
    const token = newRunToken('0f5e-77')
    const end = Date.parse('2026-01-31T13:00:00Z')
    expect([end - 1, end].map(at => isGood(token, kept(token), at))).toEqual([true, false])
    expect(isGood(token, { ...kept('another'), former: [digestOf(token)] }, now)).toBe(true)
  })
})
