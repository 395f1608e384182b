import { afterAll, describe, expect, it } from 'vitest'
import { openNats } from '../../../shared/adapters/nats.ts'
import { replaysIn } from '../../../shared/adapters/replays.ts'
import { ensureStreams } from '../../../shared/adapters/streams.ts'
import { quiet } from '../../quiet.ts'
import { natsVersions, ownNats } from '../../servers.ts'

describe.each(natsVersions)('replaysIn() over nats-server %s', async version => {
  const server = await ownNats(version)
  const nats = openNats(server.url, 'test', quiet)
  const nc = await nats.opened
  const replays = replaysIn(nats)
  afterAll(() => nats.close())
  const replay = (id: string) => ({ id, at: '2026-01-31T12:00:00Z', by: 'me' })

  it('knows of none where the bucket is not there yet', async () => {
    expect(await replays.of({ seq: 1, stored: 1 })).toEqual([])
  })

  it('remembers each once, whoever writes at the same time', async () => {
    await ensureStreams(nc, 1, quiet)
    const letter = { seq: 7, stored: 1_000 }
    await Promise.all(['a', 'b', 'c', 'a'].map(id => replays.add(letter, replay(id))))
    const known = await replays.of(letter)
    expect(known.map(({ id }) => id).sort()).toEqual(['a', 'b', 'c'])
    expect(await replays.of({ seq: 8, stored: 1_000 })).toEqual([])
  })

  it('knows nothing of another letter at the same place', async () => {
    const [old, anew] = [
      { seq: 9, stored: 1_000 },
      { seq: 9, stored: 2_000 },
    ]
    await replays.add(old, replay('a'))
    expect(await replays.of(anew)).toEqual([])
    await replays.add(anew, replay('b'))
    expect(await replays.of(anew)).toEqual([replay('b')])
  })
})
