import { describe, expect, it } from 'vitest'
import { labelValue } from '../../../../shared/runs.ts'
import { stage, thing } from './stage.ts'

const run = (name: string, status: object = {}, more: object = {}) =>
  thing(name, { spec: { taskRef: 'card' }, status, ...more })
const running = { runStatus: 'Running', startTime: '2026-11-21T12:00:00Z', executor: 'kubernetes' }
const over = {
  runStatus: 'Successed',
  startTime: '2026-11-21T11:00:00Z',
  completionTime: '2026-11-21T11:30:00Z',
}

describe('a run', () => {
  it('is started when it is there and has no status', async () => {
    const { begin, put, heard } = stage()
    begin({}, { TaskRun: [run('a')], PipelineRun: [thing('p', { spec: { pipelineRef: 'p' } })] })
    expect(await heard()).toEqual(['start a', 'start p'])
    put('TaskRun', run('b'))
    expect(await heard()).toEqual(['start b'])
  })

  it('is started once, whatever else changes of it', async () => {
    const { begin, put, heard } = stage()
    begin({}, { TaskRun: [run('a')] })
    put('TaskRun', run('a', {}, { resourceVersion: '2', labels: { a: 'b' } }))
    put('TaskRun', run('a', running))
    expect(await heard()).toEqual(['start a'])
  })

  it('is ordered again, more and more seldom, while nobody does what was ordered', async () => {
    const { begin, until, events } = stage()
    begin({}, { TaskRun: [run('a')] })
    expect(await until('2026-11-21T12:14:00Z')).toEqual(['start a'])
    expect(await until('2026-11-21T12:44:00Z')).toEqual(['start a'])
    expect(await until('2026-11-21T12:46:00Z')).toEqual(['start a'])
    expect(await until('2026-11-21T13:45:00Z')).toEqual([])
    expect(new Set(events.map(({ id }) => id)).size).toBe(1)
  })

  it('is ordered until the bus takes it', async () => {
    const { begin, until, bus, heard } = stage()
    bus('away')
    begin({}, { TaskRun: [run('a')] })
    expect(await until('2026-11-21T12:03:00Z')).toEqual([])
    bus('back')
    expect(await until('2026-11-21T12:03:02Z')).toEqual(['start a'])
    expect(await heard()).toEqual([])
  })

  it('is ordered when the bus is back, also where the clock was put back meanwhile', async () => {
    const { begin, until, bus, putClock } = stage()
    bus('away')
    begin({}, { TaskRun: [run('a')] })
    await until('2026-11-21T13:00:00Z')
    putClock('2026-11-21T12:10:00Z')
    bus('back')
    expect(await until('2026-11-21T12:10:02Z')).toEqual(['start a'])
  })

  it('that cannot be dealt with keeps none of the others waiting', async () => {
    const { begin, heard } = stage()
    const broken = thing('broken')
    Object.defineProperty(broken, 'spec', {
      get() {
        throw new Error('no spec')
      },
    })
    begin({}, { TaskRun: [broken, thing('fine')] })
    expect(await heard()).toEqual(['odd ops/broken Error: no spec', 'start fine'])
    expect(await heard()).toEqual([])
  })

  it('with an empty crontab is one without', async () => {
    const { begin, heard } = stage()
    begin({}, { TaskRun: [thing('a', { spec: { taskRef: 'card', crontab: '' } })] })
    expect(await heard()).toEqual(['start a'])
  })

  it('with a crontab never starts itself', async () => {
    const { begin, heard } = stage()
    begin({}, { TaskRun: [thing('a', { spec: { taskRef: 'card', crontab: '@yearly' } })] })
    expect(await heard()).toEqual([])
  })

  it('is overdue when it runs past its deadline', async () => {
    const { begin, until, put } = stage()
    begin({}, { TaskRun: [run('a', { ...running, executor: 'local', deadline: '2026-11-21T12:10:00Z' })] })
    expect(await until('2026-11-21T12:09:59.999Z')).toEqual([])
    expect(await until('2026-11-21T12:10:00Z')).toEqual(['overdue a'])
    put('TaskRun', run('a', { ...over, runStatus: 'Failed' }))
    expect(await until('2026-11-21T12:20:00Z')).toEqual([])
  })

  it('is retired a day after it has ended', async () => {
    const { begin, until } = stage()
    begin({}, { TaskRun: [run('a', over)] })
    expect(await until('2026-11-22T11:29:59Z')).toEqual([])
    expect(await until('2026-11-22T11:30:00Z')).toEqual(['retire a'])
  })

  it.each([
    ['as its annotation says', { annotations: { 'ops/ttl': '3600' } }, {}],
    ['as its status says', {}, { ttlSecondsAfterFinished: 3600 }],
  ])('is kept %s', async (_, metadata, status) => {
    const { begin, until } = stage()
    begin({}, { TaskRun: [run('a', { ...over, ...status }, metadata)] })
    expect(await until('2026-11-21T12:29:59Z')).toEqual([])
    expect(await until('2026-11-21T12:30:00Z')).toEqual(['retire a'])
  })

  it.each(['ops/scheduledby', 'ops/pipelinerun'])('with label %s goes by what it is of', async label => {
    const { begin, until } = stage()
    begin({}, { TaskRun: [run('a', over, { labels: { [label]: 'card' } })] })
    expect(await until('2026-11-24T00:00:00Z')).toEqual([])
  })

  it('that is deleted while it runs is told of, also if the bus is away for a while', async () => {
    const { begin, gone, until, bus, heard } = stage()
    const [one, other] = [run('a', { ...running, executor: 'local' }), run('b', over)]
    begin({}, { TaskRun: [one, other] })
    bus('away')
    gone('TaskRun', one)
    gone('TaskRun', other)
    expect(await until('2026-11-21T12:01:00Z')).toEqual([])
    bus('back')
    expect(await until('2026-11-21T12:01:02Z')).toEqual(['gone a'])
    expect(await heard()).toEqual([])
  })

  it('that is being deleted is not started, and is gone already', async () => {
    const { begin, put, gone, heard } = stage()
    const deleted = { deletionTimestamp: '2026-11-21T12:00:00Z' }
    begin({}, { TaskRun: [run('a', { ...running, executor: 'local' })] })
    put('TaskRun', run('a', { ...running, executor: 'local' }, deleted))
    put('TaskRun', run('b', {}, deleted))
    gone('TaskRun', run('a', { ...running, executor: 'local' }, deleted))
    expect(await heard()).toEqual(['gone a'])
  })

  it('that is not among all any more is gone, and one of another uid is another one', async () => {
    const { begin, all, heard } = stage()
    const local = { ...running, executor: 'local' }
    begin({}, { TaskRun: [run('a', local), run('b', local)] })
    all('TaskRun', run('b', {}, { uid: 'other' }))
    expect(await heard()).toEqual(['start b', 'gone a', 'gone b'])
  })

  it('is left alone by a watcher that starts while it runs, or when it has ended', async () => {
    const { begin, heard } = stage()
    begin({}, { TaskRun: [run('a', { ...running, executor: 'local' }), run('b', over)] })
    expect(await heard()).toEqual([])
  })
})

describe('a Job', () => {
  const job = (name: string, ended = false) =>
    thing(name, {
      labels: { 'ops/taskrun-uid': 'uid-a' },
      status: ended ? { conditions: [{ type: 'Complete', status: 'True' }] } : {},
    })

  it('that ends is told while its run runs', async () => {
    const { begin, put, heard } = stage()
    begin({}, { TaskRun: [run('a', running)], Job: [job('a-n1'), job('a-n2')] })
    expect(await heard()).toEqual([])
    put('Job', job('a-n1', true))
    put('Job', job('a-n1', true))
    expect(await heard()).toEqual(['ended a a-n1'])
    put('Job', job('a-n2', true))
    expect(await heard()).toEqual(['ended a a-n2'])
    put('TaskRun', run('a', over))
    expect(await heard()).toEqual([])
  })

  it('that ends before it is seen that its run runs is told too', async () => {
    const { begin, put, heard } = stage()
    begin({}, { TaskRun: [run('a')] })
    expect(await heard()).toEqual(['start a'])
    put('Job', job('a-n1', true))
    expect(await heard()).toEqual([])
    put('TaskRun', run('a', running))
    expect(await heard()).toEqual(['ended a a-n1'])
  })

  it('that is gone has ended', async () => {
    const { begin, gone, all, heard } = stage()
    begin({}, { TaskRun: [run('a', running)], Job: [job('a-n1'), job('a-n2')] })
    gone('Job', job('a-n1'))
    expect(await heard()).toEqual(['ended a a-n1'])
    all('Job')
    expect(await heard()).toEqual(['ended a a-n2'])
  })

  it('that goes with what has ended is nothing to tell', async () => {
    const { begin, gone, heard } = stage()
    begin({}, { TaskRun: [run('a', over)], Job: [job('a-n1', true)] })
    gone('Job', job('a-n1', true))
    expect(await heard()).toEqual([])
  })

  it('that is missing five minutes after its run began is told of', async () => {
    const { begin, until, heard } = stage()
    begin({}, { TaskRun: [run('a', running)] })
    expect(await heard()).toEqual([])
    expect(await until('2026-11-21T12:05:00Z')).toEqual(['ended a a'])
  })
})

describe('a PipelineRun', () => {
  const part = (name: string, task: string, status: object = {}) =>
    run(name, status, { labels: { 'ops/pipelinerun': 'p', 'ops/pipelinetask': task } })
  const pipeline = (...tasks: [string, string][]) =>
    thing('p', {
      spec: { pipelineRef: 'p' },
      status: {
        ...{ runStatus: 'Running', startTime: '2026-11-21T12:00:00Z' },
        pipelineRunStatus: tasks.map(([name, runStatus]) => ({ name, taskRunStatus: { runStatus } })),
      },
    })
  const local = { ...running, executor: 'local' }

  it('goes on when one of its TaskRuns has ended', async () => {
    const { begin, put, heard } = stage()
    begin({}, { PipelineRun: [pipeline(['one', 'Running'])], TaskRun: [part('p-one', 'one', local)] })
    expect(await heard()).toEqual([])
    put('TaskRun', part('p-one', 'one', over))
    expect(await heard()).toEqual(['advance p one'])
    put('PipelineRun', pipeline(['one', 'Successed'], ['two', 'Running']))
    put('TaskRun', part('p-two', 'two', local))
    expect(await heard()).toEqual([])
    put('TaskRun', part('p-two', 'two', { ...over, runStatus: 'Failed' }))
    expect(await heard()).toEqual(['advance p two'])
  })

  it('is known by its parts, however long its name is', async () => {
    const long = `p-${'x'.repeat(80)}`
    const status = {
      ...{ runStatus: 'Running', startTime: '2026-11-21T12:00:00Z' },
      pipelineRunStatus: [{ name: long, taskRunStatus: { runStatus: 'Running' } }],
    }
    const labels = { 'ops/pipelinerun': labelValue(long), 'ops/pipelinetask': labelValue(long) }
    const { begin, put, heard, until } = stage()
    begin({}, { PipelineRun: [thing(long, { status })], TaskRun: [run('a', local, { labels })] })
    expect(await until('2026-11-21T12:10:00Z')).toEqual([])
    put('TaskRun', run('a', over, { labels }))
    expect(await heard()).toEqual([`advance ${long} ${labelValue(long)}`])
  })

  it('goes on when one of them is gone', async () => {
    const { begin, gone, put, heard } = stage()
    begin({}, { PipelineRun: [pipeline(['one', 'Running'])], TaskRun: [part('p-one', 'one', local)] })
    gone('TaskRun', part('p-one', 'one', local))
    expect(await heard()).toEqual(['advance p one', 'gone p-one'])
    put('PipelineRun', pipeline(['one', 'Aborted']))
    expect(await heard()).toEqual([])
  })

  it('that has been told of an end is not told again by a watcher that starts', async () => {
    const { begin, heard } = stage()
    begin(
      {},
      {
        PipelineRun: [pipeline(['one', 'Successed'], ['two', 'Running'])],
        TaskRun: [part('p-one', 'one', over), part('p-two', 'two', local)],
      },
    )
    expect(await heard()).toEqual([])
  })

  it('goes on when one of them went while nobody watched', async () => {
    const { begin, until } = stage({ at: '2026-11-21T12:01:00Z' })
    begin({}, { PipelineRun: [pipeline(['one', 'Running'])] })
    expect(await until('2026-11-21T12:05:59Z')).toEqual([])
    expect(await until('2026-11-21T12:06:00Z')).toEqual(['advance p one'])
  })

  it('that has ended is left alone by what ends later', async () => {
    const { begin, put, heard } = stage()
    const ended = thing('p', { spec: { pipelineRef: 'p' }, status: over })
    begin({}, { PipelineRun: [ended], TaskRun: [part('p-one', 'one', local)] })
    put('TaskRun', part('p-one', 'one', over))
    expect(await heard()).toEqual([])
  })
})

describe('hosts and clusters', () => {
  const host = (name: string, status: object = { heartTime: '2026-11-21T11:55:00Z' }) =>
    thing(name, { spec: { address: '10.0.0.1' }, status })

  it('are probed every five minutes, each at a second of its own', async () => {
    const { begin, until } = stage()
    begin({}, { Host: [host('h')], Cluster: [host('c')] })
    const said = await until('2026-11-21T12:15:00Z')
    const times = (name: string) =>
      said.filter(one => one.startsWith(`probe ${name} `)).map(one => one.slice(-8))
    expect(times('h')).toHaveLength(3)
    expect(times('c')).toHaveLength(3)
    const seconds = (time = '') => Date.parse(`2026-11-21T${time}Z`) / 1000
    expect(seconds(times('h')[1]) - seconds(times('h')[0])).toBe(300)
    expect(times('h')[0]).not.toBe(times('c')[0])
  })

  it('do not come all at once', async () => {
    const { begin, until } = stage()
    begin({}, { Host: Array.from({ length: 60 }, (_, index) => host(`h${index}`)) })
    const said = await until('2026-11-21T12:05:00Z')
    expect(said).toHaveLength(60)
    expect(new Set(said.map(one => one.slice(-8))).size).toBeGreaterThan(45)
  })

  it('are probed at once where nobody has yet', async () => {
    const { begin, put, heard } = stage()
    begin()
    put('Host', host('h', {}))
    expect(await heard()).toEqual(['probe h 10:00:00'])
    put('Host', host('h'))
    expect(await heard()).toEqual([])
  })

  it('are probed once after an outage', async () => {
    const { begin, heard } = stage()
    begin({ given: Date.parse('2026-11-21T09:00:00Z') }, { Host: [host('h')] })
    expect(await heard()).toHaveLength(1)
    expect(await heard()).toEqual([])
  })

  it('go on to be probed where the clock is put back', async () => {
    const { begin, until, putClock } = stage()
    begin({}, { Host: [host('h')] })
    await until('2026-11-21T14:00:00Z')
    putClock('2026-11-21T12:30:00Z')
    expect(await until('2026-11-21T12:41:00Z')).toHaveLength(2)
  })
})

describe('10,000 runs', () => {
  it('are remembered without what they said', async () => {
    const { begin, heard, watch } = stage()
    const text = 'x'.repeat(1_000)
    const many = Array.from({ length: 10_000 }, (_, index) =>
      run(`r${index}`, { ...over, taskrunNodeStatus: { n: { taskRunStep: [{ stepOutput: text }] } } }),
    )
    begin({}, { TaskRun: many })
    expect(await heard()).toEqual([])
    expect(watch.tick()).toBe(Date.parse('2026-11-22T11:30:00Z'))
  })
})
