import { Kvm } from '@nats-io/kv'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openNats } from '../../../shared/adapters/nats.ts'
import { putSilences, silenceReader } from '../../../shared/adapters/silences.ts'
import { ensureStreams } from '../../../shared/adapters/streams.ts'
import { type Silence, SilenceSpec, silencing } from '../../../shared/silence.ts'
import { quiet } from '../../quiet.ts'
import { natsVersions, ownNats } from '../../servers.ts'

const silence = (name: string, spec: object = {}): Silence => ({
  id: `ops/${name}`,
  namespace: 'ops',
  name,
  spec: SilenceSpec.parse({ until: '2099-01-01T00:00:00Z', ...spec }),
})
const stored = ({ namespace, name, spec }: Silence) => JSON.stringify({ namespace, name, spec })

describe.each(natsVersions)('silences in their bucket, on NATS %s', async version => {
  const server = await ownNats(version)
  const nats = openNats(server.url, 'silences-test', quiet)
  const late = silenceReader(nats, quiet)
  let before: Silence[]
  beforeAll(async () => {
    const nc = await nats.opened
    before = await late.current()
    await ensureStreams(nc, 1, quiet)
  })
  afterAll(() => nats.close())

  const bucket = async () => new Kvm(await nats.opened).open('silences')
  const keys = async () => {
    const all: string[] = []
    for await (const key of await (await bucket()).keys()) all.push(key)
    return all.sort()
  }

  it('are none while there is no bucket, and none in an empty one', async () => {
    expect(before).toEqual([])
    expect(await silenceReader(nats, quiet).current()).toEqual([])
  })

  it('are read as they were put, with those of the API, and are gone when they are', async () => {
    await (await bucket()).put('api.ops.by-hand', stored(silence('by-hand')))
    await putSilences(nats, [silence('a', { subject: 'ops.a.>' }), silence('b.c')])
    expect(await keys()).toEqual(['api.ops.by-hand', 'resource.ops.a', 'resource.ops.b.c'])
    const read = await silenceReader(nats, quiet).current()
    expect(read).toEqual([silence('by-hand'), silence('a', { subject: 'ops.a.>' }), silence('b.c')])

    await putSilences(nats, [silence('b.c')])
    expect(await keys()).toEqual(['api.ops.by-hand', 'resource.ops.b.c'])
    await putSilences(nats, [])
    expect(await keys()).toEqual(['api.ops.by-hand'])
  })

  it('are not written again where nothing changed', async () => {
    await putSilences(nats, [silence('same')])
    const revision = (await (await bucket()).get('resource.ops.same'))?.revision
    await putSilences(nats, [silence('same')])
    expect((await (await bucket()).get('resource.ops.same'))?.revision).toBe(revision)
  })

  it('are asked for at most once a second, and are the same objects until they change', async () => {
    let time = 0
    const { current } = silenceReader(nats, quiet, () => time)
    await putSilences(nats, [silence('first')])
    const first = await current()
    expect(first.map(({ name }) => name)).toContain('first')
    await putSilences(nats, [silence('second')])
    time = 999
    expect(await current()).toBe(first)
    time = 1_000
    const second = await current()
    expect(second.map(({ name }) => name)).toContain('second')
    time = 2_000
    expect(await current()).toBe(second)
    await putSilences(nats, [])
    time = 3_000
    expect((await current()).map(({ name }) => name)).not.toContain('second')
  })

  it('leaves out what is no silence, and says which key', async () => {
    const kv = await bucket()
    await kv.put('api.ops.text', 'no json')
    await kv.put('api.ops.shape', JSON.stringify({ namespace: 'ops', name: 'shape', spec: { until: 7 } }))
    await kv.put('api.ops.sense', JSON.stringify({ namespace: 'ops', name: 'sense', spec: {} }))
    const warn = vi.fn()
    const read = await silenceReader(nats, { ...quiet, warn }).current()
    expect(read.map(({ name }) => name)).toEqual(['by-hand'])
    expect(silencing(read, Date.now())).toBeTypeOf('function')
    expect(warn.mock.calls.map(([{ key, field }]) => [key, field])).toEqual([
      ['api.ops.sense', 'until'],
      ['api.ops.shape', 'spec.until'],
      ['api.ops.text', ''],
    ])
    for (const key of ['text', 'shape', 'sense']) await kv.delete(`api.ops.${key}`)
  })

  it('stay as they are known while the bus is away, which is said once', async () => {
    const other = openNats(server.url, 'silences-away', quiet)
    await other.opened
    let time = 0
    const warn = vi.fn()
    const { current } = silenceReader(other, { ...quiet, warn }, () => time)
    const known = await current()
    expect(known.map(({ name }) => name)).toEqual(['by-hand'])
    await other.close()
    for (time = 1_000; time <= 3_000; time += 1_000) expect(await current()).toBe(known)
    expect(warn).toHaveBeenCalledTimes(1)
  })
})
