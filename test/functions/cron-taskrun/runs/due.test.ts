import { describe, expect, it } from 'vitest'
import type { Order } from '../../../../shared/orders.ts'
import type { RunStatus } from '../../../../shared/resources/run.ts'
import { drafts, namespace, ownRig } from '../rig.ts'

describe('what is due', async () => {
  const rig = await ownRig()

  async function scheduled(name: string, more: object = {}) {
    const parent = await rig.make(
      drafts.taskRun(name, 'check', { crontab: '30 * * * *', variables: { a: '1' }, desc: 'Looks', ...more }),
    )
    const due = (time: string) =>
      rig.give({ order: 'due', ...rig.about(parent), kind: 'TaskRun', due: `2026-01-31T${time}:00Z` })
    const children = () => rig.objects.list('TaskRun', { namespace, labels: { 'ops/scheduledby': name } })
    const end = async (runStatus: RunStatus) => {
      for (const child of await children())
        if (!child.status.runStatus) await rig.objects.putStatus(child, { runStatus })
    }
    return { parent, due, children, end }
  }

  it('becomes a run of its own, and stands written as acted on', async () => {
    const { due, children, parent } = await scheduled('plain')
    expect(await due('12:30')).toEqual({ kind: 'done' })
    expect(await due('12:30')).toEqual({ kind: 'done' })
    expect(await children()).toMatchObject([
      {
        metadata: {
          name: 'plain-1769862600',
          labels: { 'ops/taskref': 'check', 'ops/scheduledby': 'plain', 'ops/scheduledkind': 'TaskRun' },
          annotations: { 'ops/due': '2026-01-31T12:30:00Z' },
          ownerReferences: [{ kind: 'TaskRun', name: 'plain', uid: parent.metadata.uid }],
        },
        spec: { taskRef: 'check', variables: { a: '1' }, desc: 'Looks' },
      },
    ])
    expect((await children())[0]?.spec.crontab).toBeUndefined()
    expect((await rig.get('TaskRun', 'plain')).status).toEqual({ lastScheduleTime: '2026-01-31T12:30:00Z' })
  })

  it('is not run while its last run still runs, and says so once', async () => {
    const { due, children } = await scheduled('forbid')
    await due('12:30')
    await due('13:30')
    await due('13:30')
    expect(await children()).toHaveLength(1)
    expect(rig.published.filter(({ subject }) => subject?.endsWith('.taskruns.forbid.events'))).toMatchObject(
      [
        {
          type: 'Kube',
          data: {
            type: 'Warning',
            reason: 'RunSkipped',
            name: 'forbid',
            message: expect.stringContaining('forbid-1769862600'),
          },
        },
      ],
    )
    expect((await rig.get('TaskRun', 'forbid')).status.lastScheduleTime).toBe('2026-01-31T13:30:00Z')
  })

  it('runs beside its last run where that is allowed', async () => {
    const { due, children } = await scheduled('allow', { concurrencyPolicy: 'Allow' })
    await due('12:30')
    await due('13:30')
    expect((await children()).map(({ status }) => status)).toEqual([{}, {}])
  })

  it('replaces its last run where that is asked for', async () => {
    const { due, children } = await scheduled('replace', {
      concurrencyPolicy: 'Replace',
      failedRunsHistoryLimit: 9,
    })
    await due('12:30')
    await due('13:30')
    expect((await children()).map(({ status }) => status)).toMatchObject([
      { runStatus: 'Aborted', message: 'Replaced by the run that was due at 2026-01-31T13:30:00Z' },
      {},
    ])
  })

  it('keeps as many of its runs as a CronJob does', async () => {
    const { due, children, end } = await scheduled('history')
    for (const hour of ['01', '02', '03', '04', '05']) {
      await due(`${hour}:30`)
      await end('Successed')
    }
    for (const hour of ['06', '07']) {
      await due(`${hour}:30`)
      await end('Failed')
    }
    await due('08:30')
    const stands = (await children()).map(
      ({ metadata, status }) => `${metadata.annotations['ops/due']?.slice(11, 13)} ${status.runStatus}`,
    )
    expect(stands).toEqual(['03 Successed', '04 Successed', '05 Successed', '07 Failed', '08 undefined'])
  })

  it.each<[string, object]>([
    ['is suspended', { suspend: true }],
    ['has lost its crontab', { crontab: undefined }],
  ])('is nothing any more when it %s', async (name, more) => {
    const { due, children } = await scheduled(name.replaceAll(' ', '-'), more)
    expect(await due('12:30')).toEqual({ kind: 'done' })
    expect(await children()).toEqual([])
  })

  it('is nothing any more when another object has its name', async () => {
    const { parent, due } = await scheduled('renewed')
    await rig.objects.remove(parent)
    await rig.make(drafts.taskRun('renewed', 'check', { crontab: '30 * * * *' }))
    expect(await due('12:30')).toEqual({ kind: 'done' })
    expect((await rig.get('TaskRun', 'renewed')).status).toEqual({})
  })

  it('is refused once with its reason, and is due again when that is mended', async () => {
    const { parent, due } = await scheduled('refused')
    const order = {
      order: 'refuse',
      ...rig.about(parent),
      kind: 'TaskRun',
      reason: 'Cannot read it',
    } as const
    await rig.give(order)
    const { metadata, status } = await rig.get('TaskRun', 'refused')
    expect(status).toEqual({ runStatus: 'DataInValid', message: 'Cannot read it' })
    await rig.give(order)
    expect((await rig.get('TaskRun', 'refused')).metadata.resourceVersion).toBe(metadata.resourceVersion)
    await due('12:30')
    expect((await rig.get('TaskRun', 'refused')).status).toEqual({ lastScheduleTime: '2026-01-31T12:30:00Z' })
  })

  it('stands written beside what somebody else writes at the same time', async () => {
    const { parent } = await scheduled('busy')
    const due = '2026-01-31T12:30:00Z'
    const order = { order: 'due', ...rig.about(parent), kind: 'TaskRun', due } as const
    const objects: typeof rig.objects = {
      ...rig.objects,
      async create(draft) {
        await rig.objects.putStatus(await rig.get('TaskRun', 'busy'), { message: 'Read by others' })
        return rig.objects.create(draft)
      },
    }
    expect(await rig.give(order, { objects })).toEqual({ kind: 'done' })
    expect((await rig.get('TaskRun', 'busy')).status).toEqual({
      message: 'Read by others',
      lastScheduleTime: due,
    })
  })

  it('makes PipelineRuns of PipelineRuns', async () => {
    const parent = await rig.make(drafts.pipelineRun('nightly', 'sweep', { crontab: '@daily' }))
    await rig.give({ order: 'due', ...rig.about(parent), kind: 'PipelineRun', due: '2026-01-31T00:00:00Z' })
    expect(await rig.get('PipelineRun', 'nightly-1769817600')).toMatchObject({
      metadata: { labels: { 'ops/pipelineref': 'sweep', 'ops/scheduledkind': 'PipelineRun' } },
      spec: { pipelineRef: 'sweep' },
    })
  })
})

describe('a run that is over', async () => {
  const rig = await ownRig()

  it('is removed when its time is up, and not while it runs', async () => {
    const run = await rig.make(drafts.taskRun('old', 'check'))
    const order = { order: 'retire', ...rig.about(run), kind: 'TaskRun' } as const
    await rig.give(order)
    await rig.objects.putStatus(await rig.get('TaskRun', 'old'), { runStatus: 'Successed' })
    await rig.give(order)
    expect(await rig.objects.get('TaskRun', namespace, 'old')).toBeUndefined()
  })

  it('stays until what it was made for stands written, so that it is not made again', async () => {
    const parent = await rig.make(drafts.taskRun('hourly', 'check', { crontab: '@hourly' }))
    const due = '2026-01-31T12:00:00Z'
    const metadata = {
      annotations: { 'ops/due': due },
      ownerReferences: [{ apiVersion: 'v1', kind: 'TaskRun', name: 'hourly', uid: parent.metadata.uid }],
    }
    const run = await rig.make(drafts.taskRun('hourly-1', 'check', {}, metadata))
    await rig.objects.putStatus(run, { runStatus: 'Successed' })
    const order = { order: 'retire', ...rig.about(run), kind: 'TaskRun' } as const
    expect(await rig.give(order)).toMatchObject({ kind: 'retry', attempted: false })
    await rig.objects.putStatus(parent, { lastScheduleTime: due })
    expect(await rig.give(order)).toEqual({ kind: 'done' })
    expect(await rig.objects.get('TaskRun', namespace, 'hourly-1')).toBeUndefined()
  })

  it('stays until its PipelineRun knows how it ended', async () => {
    await rig.make(drafts.task('part', [{ content: 'echo x' }]))
    await rig.make(
      drafts.pipeline('whole', [
        { name: 'a', taskRef: 'part' },
        { name: 'b', taskRef: 'part' },
      ]),
    )
    const whole = await rig.make(drafts.pipelineRun('whole-1', 'whole'))
    await rig.give({ order: 'start', ...rig.about(whole), kind: 'PipelineRun' })
    const part = await rig.get('TaskRun', 'whole-1-a')
    await rig.objects.putStatus(part, { runStatus: 'Successed' })
    const order = { order: 'retire', ...rig.about(part), kind: 'TaskRun' } as const
    expect(await rig.give(order)).toMatchObject({ kind: 'retry', attempted: false })
    await rig.give({ order: 'advance', ...rig.about(whole), kind: 'PipelineRun', task: 'a' })
    expect(await rig.give(order)).toEqual({ kind: 'done' })
    expect((await rig.follow('whole-1')).at(-1)).toBe('Successed a:Successed b:Successed')
  })

  it('stays while the hook that made it may ask for it again', async () => {
    const create: Order = {
      order: 'create',
      ...{ kind: 'TaskRun', namespace, name: 'from-hook', taskRef: 'remedy', hook: 'cordon' },
      variables: { node: 'n1; rm -rf' },
      lineage: { hops: 1, via: 'ops-system/cordon', causationid: 'e1' },
    }
    expect(await rig.give(create)).toEqual({ kind: 'done' })
    expect(await rig.give(create)).toEqual({ kind: 'done' })
    const run = await rig.get('TaskRun', 'from-hook')
    expect(run).toMatchObject({
      metadata: {
        labels: { 'ops/hook': 'cordon', 'ops/taskref': 'remedy' },
        annotations: { 'ops/hops': '1', 'ops/via': 'ops-system/cordon', 'ops/causationid': 'e1' },
      },
      spec: { taskRef: 'remedy', variables: { node: 'n1; rm -rf' } },
    })
    await rig.objects.putStatus(run, { runStatus: 'Successed' })
    const order = { order: 'retire', ...rig.about(run), kind: 'TaskRun' } as const
    const made = Date.parse(run.metadata.creationTimestamp)
    const later = (minutes: number) => ({ now: () => new Date(made + minutes * 60_000) })
    const wait = { kind: 'retry', attempted: false, after: 6 * 60_000 }
    expect(await rig.give(order, later(4))).toMatchObject(wait)
    expect(await rig.give(order, later(10))).toEqual({ kind: 'done' })
  })
})

describe('a probe', async () => {
  const rig = await ownRig()

  it('writes what it found, once for a due time, whoever else writes', async () => {
    const host = await rig.make({
      kind: 'Host',
      metadata: { namespace, name: 'h1' },
      spec: { address: '10.0.0.1' },
    })
    let looks = 0
    const Host = async () => {
      looks++
      if (looks === 1) await rig.objects.putStatus(host, { hostname: 'in-between' })
      return { hostname: 'found', heartTime: '2026-01-31T12:00:01Z' }
    }
    const probes = { ...rig.world.probes, Host }
    const order: Order = {
      order: 'probe',
      ...{ kind: 'Host', namespace, name: 'h1', uid: host.metadata.uid },
      due: '2026-01-31T12:00:00Z',
    }
    expect(await rig.give(order, { probes })).toEqual({ kind: 'done' })
    expect(await rig.give(order, { probes })).toEqual({ kind: 'done' })
    expect(looks).toBe(1)
    expect((await rig.get('Host', 'h1')).status).toEqual({
      hostname: 'found',
      heartTime: '2026-01-31T12:00:01Z',
    })
  })
})
