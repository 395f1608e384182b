import { Kvm } from '@nats-io/kv'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { settle } from '../../../../functions/watcher/objects/settle.ts'
import { openNats } from '../../../../shared/adapters/nats.ts'
import type { Applying } from '../../../../shared/adapters/objects/applying.ts'
import { objectsInKv } from '../../../../shared/adapters/objects/kv.ts'
import { ensureStreams } from '../../../../shared/adapters/streams.ts'
import type { Stored } from '../../../../shared/objects.ts'
import { quiet } from '../../../quiet.ts'
import { natsVersions, ownNats } from '../../../servers.ts'
import { folderOf, objectYaml, taskRunYaml } from './files.ts'

const hourly = { crontab: '@hourly' }

describe.each(natsVersions)('settle() on NATS %s', async version => {
  const bus = await ownNats(version)
  const nats = openNats(bus.url, 'test', quiet)
  let time = Date.parse('2026-01-31T12:00:00Z')
  const now = () => time
  const objects = objectsInKv(nats, { now })
  const twin = objectsInKv(nats, { now })
  beforeAll(async () => ensureStreams(await nats.opened, 1, quiet))
  afterEach(async () => {
    const kv = await new Kvm(await nats.opened).open('objects')
    await kv.purge('>')
  })
  afterAll(() => nats.close())

  const put = (files: Record<string, string>, applying: Applying = objects) =>
    settle(folderOf(files), applying)
  const get = async (name: string, from = objects): Promise<Stored<'TaskRun'>> => {
    const object = await from.get('TaskRun', 'ops', name)
    if (!object) throw new Error(`There is no ${name}`)
    return object
  }
  const names = async () => (await objects.list('TaskRun')).map(({ metadata }) => metadata.name)
  const succeeded = { runStatus: 'Successed' } as const

  it('makes what the folder has, and a second time nothing', async () => {
    const files = {
      'a.yaml': taskRunYaml('a'),
      'b.yaml': taskRunYaml('b', hourly),
      'c.yaml': objectYaml('Task', 'check', { steps: [{ content: 'true' }] }),
    }
    expect(await put(files)).toMatchObject({
      made: ['Task ops/check', 'TaskRun ops/a', 'TaskRun ops/b'],
      ...{ changed: [], removed: [], ran: [], taken: [] },
    })
    const before = await get('a')
    expect(before).toMatchObject({
      metadata: { generation: 1, creationTimestamp: '2026-01-31T12:00:00Z' },
      status: {},
    })
    expect(await put(files)).toEqual({ made: [], changed: [], removed: [], ran: [], taken: [] })
    expect(await get('a')).toEqual(before)
  })

  it('changes a schedule in its place: uid and status stay, the generation counts up', async () => {
    await put({ 'a.yaml': taskRunYaml('a', hourly) })
    const before = await get('a')
    await objects.putStatus(before, { lastScheduleTime: '2026-01-31T12:00:00Z' })
    expect(await put({ 'a.yaml': taskRunYaml('a', { crontab: '@daily' }) })).toMatchObject({
      changed: ['TaskRun ops/a'],
    })
    expect(await get('a')).toMatchObject({
      metadata: { uid: before.metadata.uid, generation: 2 },
      spec: { crontab: '@daily' },
      status: { lastScheduleTime: '2026-01-31T12:00:00Z' },
    })
  })

  it('counts no change of labels as one of the spec', async () => {
    await put({ 'a.yaml': taskRunYaml('a', hourly) })
    const text = objectYaml('TaskRun', 'a', { taskRef: 'check', ...hourly }, { labels: { x: 'y' } })
    await put({ 'a.yaml': text })
    expect((await get('a')).metadata).toMatchObject({ generation: 1, labels: { x: 'y' } })
  })

  it('makes another object of a run with another content', async () => {
    await put({ 'a.yaml': taskRunYaml('a') })
    const before = await get('a')
    await objects.putStatus(before, succeeded)
    await put({ 'a.yaml': taskRunYaml('a', { desc: 'again' }) })
    const after = await get('a')
    expect(after).toMatchObject({ spec: { desc: 'again' }, status: {}, metadata: { generation: 1 } })
    expect(after.metadata.uid).not.toBe(before.metadata.uid)
  })

  it('runs a content once, also when its object is gone or the file was away', async () => {
    const files = { 'a.yaml': taskRunYaml('a') }
    await put(files)
    await objects.remove(await get('a'))
    expect(await put(files)).toMatchObject({ made: [], ran: ['TaskRun ops/a'] })
    await put({})
    expect(await put(files, twin)).toMatchObject({ made: [], ran: ['TaskRun ops/a'] })
    expect(await names()).toEqual([])
  })

  it('does not run a content again that comes back after another one', async () => {
    await put({ 'a.yaml': taskRunYaml('a') })
    await put({ 'a.yaml': taskRunYaml('a', { desc: 'other' }) })
    expect(await put({ 'a.yaml': taskRunYaml('a') })).toMatchObject({ ran: ['TaskRun ops/a'] })
    expect(await get('a')).toMatchObject({ spec: { desc: 'other' } })
  })

  it('makes a schedule of a run, and a run of a schedule', async () => {
    await put({ 'a.yaml': taskRunYaml('a') })
    await objects.putStatus(await get('a'), succeeded)
    await put({ 'a.yaml': taskRunYaml('a', hourly) })
    expect(await get('a')).toMatchObject({ spec: hourly, status: {} })
    await put({ 'a.yaml': taskRunYaml('a', { desc: 'once more' }) })
    expect((await get('a')).spec.crontab).toBeUndefined()
  })

  it('lets no schedule go on where the folder has a run again that has been', async () => {
    await put({ 'a.yaml': taskRunYaml('a') })
    await put({ 'a.yaml': taskRunYaml('a', hourly) })
    expect(await put({ 'a.yaml': taskRunYaml('a') })).toMatchObject({
      ...{ made: [], ran: ['TaskRun ops/a'], removed: ['TaskRun ops/a'] },
    })
    expect(await names()).toEqual([])
  })

  it('takes away what the folder no longer has, with what that owns', async () => {
    await put({ 'a.yaml': taskRunYaml('a', hourly), 'b.yaml': taskRunYaml('b') })
    const { metadata } = await get('a')
    await objects.create({
      kind: 'TaskRun',
      metadata: {
        ...{ name: 'a-1', namespace: 'ops', annotations: metadata.annotations },
        ownerReferences: [
          { apiVersion: 'crd.chenshaowen.com/v1', kind: 'TaskRun', name: 'a', uid: metadata.uid },
        ],
      },
      spec: { taskRef: 'check' },
    })
    await put({ 'a.yaml': taskRunYaml('a', hourly) })
    expect(await names()).toEqual(['a', 'a-1'])
    expect(await put({})).toMatchObject({ removed: ['TaskRun ops/a'] })
    expect(await names()).toEqual([])
  })

  it('leaves what others made, and says so of a name that is taken', async () => {
    await objects.create({
      kind: 'TaskRun',
      metadata: { name: 'a', namespace: 'ops' },
      spec: { taskRef: 'other' },
    })
    const before = await get('a')
    const { taken } = await put({ 'a.yaml': taskRunYaml('a') })
    expect(taken).toMatchObject([
      { file: 'a.yaml', kind: 'TaskRun', object: 'ops/a', problems: [{ line: 3, field: 'metadata.name' }] },
    ])
    await put({})
    expect(await get('a')).toEqual(before)
  })

  it('leaves what is refused as it was', async () => {
    await put({ 'a.yaml': taskRunYaml('a', hourly) })
    const before = await get('a')
    await put({ 'a.yaml': taskRunYaml('a', { crontab: 5 }) })
    expect(await get('a')).toEqual(before)
  })

  it('does not write to a run that runs, though its file was moved', async () => {
    await put({ 'a.yaml': taskRunYaml('a') })
    const running = await objects.putStatus(await get('a'), { runStatus: 'Running' })
    await put({ 'b.yaml': taskRunYaml('a') })
    expect(await get('a')).toEqual(running)
    if (running) await objects.putStatus(running, succeeded)
    await put({ 'b.yaml': taskRunYaml('a') })
    expect(await get('a')).toMatchObject({
      metadata: { annotations: { 'ops/file': 'b.yaml' } },
      status: succeeded,
    })
  })

  it('takes away what lost its owner when somebody died in the middle', async () => {
    const owner = { apiVersion: 'crd.chenshaowen.com/v1', kind: 'TaskRun', name: 'a', uid: 'gone' }
    await objects.create({
      kind: 'TaskRun',
      metadata: { name: 'a-1', namespace: 'ops', ownerReferences: [owner] },
      spec: { taskRef: 'check' },
    })
    await put({})
    expect(await names()).toEqual([])
  })

  it('leaves no trace of what was taken away for an hour', async () => {
    const kv = await new Kvm(await nats.opened).open('objects')
    await objects.create({ kind: 'Task', metadata: { name: 't', namespace: 'ops' }, spec: { steps: [{}] } })
    const task = await objects.get('Task', 'ops', 't')
    if (task) await objects.remove(task)
    expect(await kv.get('tasks.ops.t')).toMatchObject({ operation: 'DEL' })
    time = Date.now() + 3_700_000
    await put({}, objectsInKv(nats, { now }))
    expect(await kv.get('tasks.ops.t')).toBeNull()
  })

  it('settles on the same when two do it at once, each run made once', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 60 }, (_, at) => [
        `${at}.yaml`,
        taskRunYaml(`run-${at}`, at % 2 === 0 ? hourly : {}),
      ]),
    )
    const both = await Promise.all([put(files, objects), put(files, twin)])
    const made = both.flatMap(({ made }) => made)
    expect(made).toHaveLength(60)
    expect(new Set(made).size).toBe(60)
    const settled = await objects.list('TaskRun')
    const next = Object.fromEntries(
      Object.entries(files).map(([path, text]) => [path, `${text}  desc: "next"\n`]),
    )
    await Promise.all([put(next, objects), put(next, twin)])
    const after = await objects.list('TaskRun')
    expect(after.map(({ metadata }) => metadata.generation)).toEqual(
      settled.map(({ spec }) => (spec.crontab ? 2 : 1)),
    )
    expect(await Promise.all([put(next, objects), put(next, twin)])).toMatchObject([
      { made: [], changed: [], removed: [] },
      { made: [], changed: [], removed: [] },
    ])
  })

  it('runs nothing twice while one of two still has the folder as it was', async () => {
    const old = { 'a.yaml': taskRunYaml('a') }
    const next = { 'a.yaml': taskRunYaml('a', { desc: 'next' }) }
    await put(old, objects)
    await put(next, twin)
    const { uid } = (await get('a')).metadata
    for (const turn of [put(old, objects), put(next, twin), put(old, objects)]) await turn
    expect((await get('a')).metadata.uid).toBe(uid)
  })

  it('goes on where a twin died between making an object and remembering it', async () => {
    const files = { 'a.yaml': taskRunYaml('a') }
    const dying: Applying = { ...twin, remember: () => Promise.reject(new Error('killed')) }
    await expect(put(files, dying)).rejects.toThrow('killed')
    await put(files)
    await objects.remove(await get('a'))
    expect(await put(files)).toMatchObject({ made: [], ran: ['TaskRun ops/a'] })
  })

  it('takes in thousands in seconds', async () => {
    const text = Array.from({ length: 2_000 }, (_, at) => taskRunYaml(`run-${at}`)).join('---\n')
    expect((await put({ 'all.yaml': text })).made).toHaveLength(2_000)
    expect((await put({ 'all.yaml': text }, twin)).made).toHaveLength(0)
    expect((await put({})).removed).toHaveLength(2_000)
  }, 60_000)
})
