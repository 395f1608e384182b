import { Kvm } from '@nats-io/kv'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openNats } from '../../../../shared/adapters/nats.ts'
import { objectsInKv } from '../../../../shared/adapters/objects/kv.ts'
import { ensureStreams } from '../../../../shared/adapters/streams.ts'
import { natsVersions, ownNats } from '../../../servers.ts'
import { objectsContract } from './contract.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }
const now = () => Date.now()

describe.each(natsVersions)('objectsInKv() on NATS %s', async version => {
  const bus = await ownNats(version)
  const nats = openNats(bus.url, 'test', quiet)
  const objects = objectsInKv(nats, { now })
  afterAll(() => nats.close())

  describe('without its bucket', () => {
    it('holds nothing', async () => {
      expect(await objects.get('Task', 'ops', 'a')).toBeUndefined()
      expect(await objects.list('Task')).toEqual([])
    })
  })

  describe('with its bucket', () => {
    beforeAll(async () => ensureStreams(await nats.opened, 1, quiet))

    objectsContract({
      objects,
      other: objectsInKv(nats, { now }),
      async plant(metadata) {
        const kv = await new Kvm(await nats.opened).open('objects')
        const host = await objects.create({ kind: 'Host', metadata, spec: { address: '10.0.0.1' } })
        const { name, namespace } = metadata
        const text = JSON.stringify({ ...host, spec: { ...host?.spec, port: 99_999 } })
        await kv.put(`hosts.${namespace}.${name}`, text)
      },
    })
  })
})
