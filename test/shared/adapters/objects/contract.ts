import { describe, expect, it } from 'vitest'
import { type Draft, type Objects, RefusedObject, type Stored } from '../../../../shared/objects.ts'

/** What a store of objects has to keep, wherever they lie. `plant` puts one there past it, whatever it holds. */
export function objectsContract({ objects, plant, other }: ObjectsWorld): void {
  let count = 0
  const draft = (more: Partial<Draft<'TaskRun'>['metadata']> = {}): Draft<'TaskRun'> => ({
    kind: 'TaskRun',
    metadata: { name: `run-${String(++count).padStart(5, '0')}`, namespace: 'ops', ...more },
    spec: { taskRef: 'check', variables: { a: '1' } },
  })
  const made = async (given = draft()) => {
    const object = await objects.create(given)
    if (!object) throw new Error('There was one')
    return object
  }
  const again = ({ metadata }: Stored<'TaskRun'>) => objects.get('TaskRun', metadata.namespace, metadata.name)
  const running = { runStatus: 'Running', startTime: '2026-01-31T12:00:00Z' } as const
  const gone = (object: Stored<'TaskRun'>) =>
    expect.poll(() => again(object), { timeout: 60_000, interval: 50 }).toBeUndefined()
  const ownerOf = ({ kind, metadata: { name, uid } }: Stored<'TaskRun'>) => ({
    ...{ apiVersion: 'crd.chenshaowen.com/v1', kind, name, uid },
  })

  describe('create()', () => {
    it('makes an object as it is asked for, with the defaults of its schema', async () => {
      const labels = { 'ops/taskref': 'check' }
      const annotations = { 'ops/due': '2026-01-31T12:00:00Z' }
      const object = await made(draft({ name: 'whole', labels, annotations }))
      expect(object).toMatchObject({
        kind: 'TaskRun',
        metadata: {
          name: 'whole',
          namespace: 'ops',
          generation: 1,
          labels,
          annotations,
          ownerReferences: [],
        },
        spec: { taskRef: 'check', variables: { a: '1' }, suspend: false, concurrencyPolicy: 'Forbid' },
        status: {},
      })
      expect(object.metadata.uid).toMatch(/^[0-9a-f-]{36}$/)
      expect(Math.abs(Date.parse(object.metadata.creationTimestamp) - Date.now())).toBeLessThan(60_000)
      expect(await again(object)).toEqual(object)
    })

    it('makes nothing where there is one of that name', async () => {
      const object = await made()
      expect(await objects.create({ ...draft(), metadata: object.metadata })).toBeUndefined()
      expect(await again(object)).toEqual(object)
    })

    it('makes one of two that are asked for at once', async () => {
      const one = draft()
      const both = await Promise.all([objects.create(one), other.create(one)])
      expect(both.filter(object => object !== undefined)).toHaveLength(1)
    })

    it('makes another one under the name of one that is gone', async () => {
      const first = await made()
      await objects.remove(first)
      await gone(first)
      const second = await made({ ...draft(), metadata: { name: first.metadata.name, namespace: 'ops' } })
      expect(second.metadata.uid).not.toBe(first.metadata.uid)
    })

    it.each([
      ['a name that nothing can have', { metadata: { name: '../secrets', namespace: 'ops' } }],
      ['a namespace that nothing can have', { metadata: { name: 'a', namespace: 'a/b' } }],
      ['a spec that its schema refuses', { spec: { taskRef: '' } }],
    ])('refuses %s', async (_, wrong) => {
      await expect(objects.create({ ...draft(), ...wrong })).rejects.toThrow(RefusedObject)
    })
  })

  describe('get()', () => {
    it.each([
      ['that is nowhere', 'nowhere'],
      ['of a name that nothing can have', '../../../namespaces/ops'],
      ['without a name', ''],
    ])('finds none %s', async (_, name) => {
      expect(await objects.get('Task', 'ops', name)).toBeUndefined()
    })
  })

  describe('list()', () => {
    it('has those of a namespace or of all, in order', async () => {
      for (const [namespace, name] of [
        ['listed-b', 'a'],
        ['listed-a', 'z'],
        ['listed-a', 'c'],
      ] as const)
        await objects.create({
          kind: 'Pipeline',
          metadata: { namespace, name },
          spec: { tasks: [{ taskRef: 'a' }] },
        })
      const idsOf = async (which?: Parameters<Objects['list']>[1]) =>
        (await objects.list('Pipeline', which)).map(
          ({ metadata }) => `${metadata.namespace}/${metadata.name}`,
        )
      expect(await idsOf()).toEqual(['listed-a/c', 'listed-a/z', 'listed-b/a'])
      expect(await idsOf({ namespace: 'listed-a' })).toEqual(['listed-a/c', 'listed-a/z'])
      expect(await idsOf({ namespace: 'listed' })).toEqual([])
    })

    it('has those with all of some labels', async () => {
      const both = await made(draft({ labels: { 'ops/scheduledby': 'l', 'ops/scheduledkind': 'TaskRun' } }))
      await made(draft({ labels: { 'ops/scheduledby': 'l' } }))
      const labels = { 'ops/scheduledkind': 'TaskRun', 'ops/scheduledby': 'l' }
      expect(await objects.list('TaskRun', { namespace: 'ops', labels })).toEqual([both])
    })

    it('sees what was made, changed and taken away since it was last asked', async () => {
      const labels = { 'ops/hook': 'seen' }
      const seen = async () =>
        (await objects.list('TaskRun', { labels })).map(({ status }) => status.runStatus)
      const first = await made(draft({ labels }))
      expect(await seen()).toEqual([undefined])
      await other.putStatus(first, running)
      await other.create(draft({ labels }))
      expect(await seen()).toEqual(['Running', undefined])
      await other.remove(first)
      await expect.poll(seen, { timeout: 60_000, interval: 50 }).toEqual([undefined])
    })

    it('has more than fit on a page', async () => {
      const labels = { 'ops/hook': 'many' }
      const drafts = Array.from({ length: 1_100 }, () => draft({ labels }))
      for (let at = 0; at < drafts.length; at += 100)
        await Promise.all(drafts.slice(at, at + 100).map(one => objects.create(one)))
      expect(await objects.list('TaskRun', { labels })).toHaveLength(1_100)
    }, 120_000)
  })

  describe('putStatus()', () => {
    it('writes a status whole, and nothing else', async () => {
      const object = await made()
      const started = await objects.putStatus(object, running)
      expect(started).toMatchObject({ spec: object.spec, status: running, metadata: { generation: 1 } })
      expect(started?.metadata.resourceVersion).not.toBe(object.metadata.resourceVersion)
      if (!started) throw new Error('It was not written')
      const ended = await objects.putStatus(started, { runStatus: 'Failed', message: 'step a: exit 1' })
      expect(ended?.status).toEqual({ runStatus: 'Failed', message: 'step a: exit 1' })
      expect(await again(object)).toEqual(ended)
    })

    it('writes nothing where there is a later version', async () => {
      const object = await made()
      const both = await Promise.all([objects.putStatus(object, running), other.putStatus(object, running)])
      expect(both.filter(put => put !== undefined)).toHaveLength(1)
      expect(await objects.putStatus(object, { runStatus: 'Aborted' })).toBeUndefined()
      expect((await again(object))?.status).toEqual(running)
    })

    it('writes nothing where it is gone, or another one by now', async () => {
      const object = await made()
      await objects.remove(object)
      await gone(object)
      expect(await objects.putStatus(object, running)).toBeUndefined()
      const anew = await made({ ...draft(), metadata: { name: object.metadata.name, namespace: 'ops' } })
      expect(await objects.putStatus(object, running)).toBeUndefined()
      expect((await again(anew))?.status).toEqual({})
    })
  })

  describe('remove()', () => {
    it('deletes one whatever its version, and is content where it is gone', async () => {
      const object = await made()
      await objects.putStatus(object, running)
      await objects.remove(object)
      await gone(object)
      await objects.remove(object)
    })

    it('leaves another one of the name', async () => {
      const first = await made()
      await objects.remove(first)
      await gone(first)
      const second = await made({ ...draft(), metadata: { name: first.metadata.name, namespace: 'ops' } })
      await objects.remove(first)
      expect(await again(second)).toEqual(second)
    })

    it('takes what it owns along', async () => {
      const owner = await made({ ...draft(), spec: { taskRef: 'check', crontab: '@hourly' } })
      const owned = await made(draft({ ownerReferences: [ownerOf(owner)] }))
      const stranger = await made()
      await objects.remove(owner)
      await gone(owner)
      await gone(owned)
      expect(await again(stranger)).toEqual(stranger)
    }, 90_000)
  })

  it('leaves out of a list what is not as its schema has it, and says of a single one what is wrong', async () => {
    await plant({ name: 'odd', namespace: 'odd' })
    await expect(objects.get('Host', 'odd', 'odd')).rejects.toThrow(
      /^Host "odd\/odd" is not as its schema has it: spec\.port: /,
    )
    expect(await objects.list('Host', { namespace: 'odd' })).toEqual([])
  })
}

/** The store, another one onto the same objects, and a way to put a Host with the port 99999 past both. */
export type ObjectsWorld = {
  objects: Objects
  other: Objects
  plant(metadata: { name: string; namespace: string }): Promise<void>
}
