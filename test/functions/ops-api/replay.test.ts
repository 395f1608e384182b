import { describe, expect, it, onTestFinished } from 'vitest'
import { natsVersions, ownNats, sharedRedis } from '../../servers.ts'
import { openRig, until } from '../bridge/rig.ts'
import { openSink } from '../bridge/sink.ts'
import { openApi, Page, Replayed } from './rig.ts'

describe.each(natsVersions)('a dead letter of a real bridge over nats-server %s', async version => {
  const nats = await ownNats(version)
  const rig = await openRig(nats.url)
  const api = await openApi({ nats: nats.url, redis: sharedRedis() })

  it('goes out again to its own trigger alone, as it was, and when it fails again is another dead letter', async () => {
    let mood: 'refuses' | 'takes' = 'refuses'
    const failing = await openSink(() => () => (mood === 'takes' ? 200 : 422))
    const other = await openSink()
    onTestFinished(failing.close)
    onTestFinished(other.close)
    const about = { filter: { subjects: ['ops.replayed.>'] }, own: true, batch: 5 }
    await rig.keep({ ...about, name: 'hook-evaluate', sink: { uri: failing.url } })
    await rig.keep({ ...about, name: 'other', sink: { uri: other.url } })
    const event = rig.event('ops.replayed.o.events', { data: { n: 1 } })
    await rig.publish([event])
    await until('both to have it', () => failing.calls.length === 1 && other.calls.length === 1)
    const letters = async () =>
      (await api.ask('GET', '/deadletters?trigger=hook-evaluate', { as: Page })).data
    await until('the dead letter', async () => (await letters()).total === 1)

    const replay = async () =>
      (await api.ask('POST', '/deadletters/replay', { body: { trigger: 'hook-evaluate' }, as: Replayed }))
        .data
    expect((await replay()).counts.replayed).toBe(1)
    await until('the second dead letter', async () => (await letters()).total === 2)
    mood = 'takes'
    const [newest] = (await letters()).list
    expect(newest).toMatchObject({ attempts: 1, subject: 'ops.replayed.o.events', replays: [] })
    const { data } = await api.ask('POST', '/deadletters/replay', {
      body: { ids: [newest?.id] },
      as: Replayed,
    })
    expect(data.counts.replayed).toBe(1)
    await until('it to be taken', () => failing.taken.size === 1)
    expect(failing.calls.at(-1)?.events).toEqual([event])
    await rig.idle('hook-evaluate-1', 'retries')
    expect(other.calls).toHaveLength(1)
  })
})
