import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hostKeysIn } from '../../../shared/adapters/host-keys.ts'
import { bucketIn } from '../../../shared/adapters/kv.ts'
import { openNats } from '../../../shared/adapters/nats.ts'
import { ensureStreams } from '../../../shared/adapters/streams.ts'
import { buckets } from '../../../shared/streams.ts'
import { quiet as log } from '../../quiet.ts'
import { natsVersions, ownNats } from '../../servers.ts'

const key = (name: string) => ({ key: name, address: '192.0.2.1:22', since: '2026-11-21T12:00:00Z' })

describe.each(natsVersions)('the keys of hosts, on NATS %s', async version => {
  const server = await ownNats(version)
  const nats = openNats(server.url, 'host-keys-test', log)
  beforeAll(async () => ensureStreams(await nats.opened, 1, log))
  afterAll(() => nats.close())
  const keys = hostKeysIn(nats)

  it('are kept as they first were', async () => {
    expect(await keys.get('ops/web-1')).toBeUndefined()
    expect(await keys.putFirst('ops/web-1', key('a'))).toEqual(key('a'))
    expect(await keys.putFirst('ops/web-1', key('b'))).toEqual(key('a'))
    expect(await keys.get('ops/web-1')).toEqual(key('a'))
  })

  it('are the same for all who meet a host at once', async () => {
    const names = Array.from({ length: 8 }, (_, number) => key(`k${number}`))
    const kept = await Promise.all(names.map(name => keys.putFirst('ops/met', name)))
    expect(new Set(kept.map(one => one.key)).size).toBe(1)
    expect(await keys.get('ops/met')).toEqual(kept[0])
  })

  it('are forgotten when told so, and then another one is the first', async () => {
    await keys.putFirst('ops/web-2', key('a'))
    expect(await keys.forget('ops/web-2')).toBe(true)
    expect(await keys.forget('ops/web-2')).toBe(false)
    expect(await keys.get('ops/web-2')).toBeUndefined()
    expect(await keys.putFirst('ops/web-2', key('b'))).toEqual(key('b'))
  })

  it('are those of one host, whatever its name', async () => {
    const ids = ['ops/a.b', 'ops/a_b', 'ops/A b', 'ops/é*>', 'ops.a/b', 'ops/.']
    for (const id of ids) await keys.putFirst(id, key(id))
    for (const id of ids) expect((await keys.get(id))?.key).toBe(id)
  })

  it('are not taken for unknown where they cannot be read', async () => {
    await bucketIn(nats, buckets.hostKeys).put('ops.odd', 'not json')
    await expect(keys.putFirst('ops/odd', key('a'))).rejects.toThrow(
      'What is kept as the key of Host "ops/odd" is none: npm run ops -- hosts forget ops/odd',
    )
    expect(await keys.forget('ops/odd')).toBe(true)
  })
})
