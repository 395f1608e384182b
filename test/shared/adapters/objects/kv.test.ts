import { Kvm } from '@nats-io/kv'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openNats } from '../../../../shared/adapters/nats.ts'
import { objectsInKv } from '../../../../shared/adapters/objects/kv.ts'
import { ensureStreams } from '../../../../shared/adapters/streams.ts'
import { RefusedObject } from '../../../../shared/objects.ts'
import { quiet } from '../../../quiet.ts'
import { natsVersions, ownNats } from '../../../servers.ts'
import { objectsContract } from './contract.ts'

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

    it('refuses to make what is so large that no status would fit beside it', async () => {
      const large = (kib: number) => ({
        kind: 'TaskRun' as const,
        metadata: { namespace: 'ops', name: `large-${kib}` },
        spec: { taskRef: 't', variables: { v: 'x'.repeat(kib * 1024) } },
      })
      const refused = objects.create(large(720))
      await expect(refused).rejects.toThrow(
        /^Cannot make TaskRun "ops\/large-720": it has \d+ bytes, it may have 720896/,
      )
      await expect(refused).rejects.toBeInstanceOf(RefusedObject)
      const made = await objects.create(large(700))
      const status = { runStatus: 'Failed' as const, message: 'x'.repeat(256 * 1024) }
      expect(made && (await objects.putStatus(made, status))?.status).toEqual(status)
      if (made) await objects.remove(made)
    })

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
