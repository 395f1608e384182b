import { describe, expect, it } from 'vitest'
import { next } from '../../../../functions/cron-taskrun/pipelines/next.ts'
import type { Stored } from '../../../../shared/objects.ts'
import type { PipelineSpec } from '../../../../shared/resources/pipeline.ts'
import type { PipelineRunStatus } from '../../../../shared/resources/pipeline-run.ts'
import type { TaskRunStatus } from '../../../../shared/resources/task-run.ts'

type Entry = NonNullable<PipelineRunStatus['pipelineRunStatus']>[number]
type Task = Partial<PipelineSpec['tasks'][number]> & { name: string }

const ref = (name: string) => `\${${name}}`
const spec = (tasks: Task[], variables: PipelineSpec['variables'] = {}): PipelineSpec => ({
  variables,
  tasks: tasks.map(task => ({ taskRef: task.name, allowFailure: false, runAlways: false, ...task })),
})

const child = (task: string, status: TaskRunStatus): Stored<'TaskRun'> => ({
  kind: 'TaskRun',
  metadata: {
    ...{ name: `run-${task}`, namespace: 'ns', uid: `uid-${task}`, resourceVersion: '1', generation: 1 },
    creationTimestamp: '2026-01-31T12:00:00Z',
    labels: { 'ops/pipelinetask': task },
    ...{ annotations: {}, ownerReferences: [] },
  },
  spec: { taskRef: task, suspend: false, concurrencyPolicy: 'Forbid' },
  status,
})

const good = (task: string, results: Record<string, string> = {}) =>
  child(task, { runStatus: 'Successed', results })
const bad = (task: string) => child(task, { runStatus: 'Failed', message: 'It broke' })
const told = (step: ReturnType<typeof next>) => {
  if (step.kind === 'start') return `start ${step.task.name}`
  return step.kind === 'end' ? `end ${step.runStatus}` : 'wait'
}

const abc = [{ name: 'a' }, { name: 'b' }, { name: 'c' }]
const cleaned = [{ name: 'a' }, { name: 'b' }, { name: 'clean', runAlways: true }]

describe('next()', () => {
  it.each<[string, Task[], Stored<'TaskRun'>[], string]>([
    ['starts with the first', abc, [], 'start a'],
    ['waits for one that is not claimed yet', abc, [child('a', {})], 'wait'],
    ['waits for one that runs', abc, [child('a', { runStatus: 'Running' })], 'wait'],
    ['goes on behind one that went well', abc, [good('a')], 'start b'],
    ['ends behind the last', abc, [good('a'), good('b'), good('c')], 'end Successed'],
    ['ends at a failure', abc, [bad('a')], 'end Failed'],
    [
      'goes on behind a failure that is allowed',
      [{ name: 'a', allowFailure: true }, { name: 'b' }],
      [bad('a')],
      'start b',
    ],
    [
      'has gone well with a failure that is allowed',
      [{ name: 'a', allowFailure: true }],
      [bad('a')],
      'end Successed',
    ],
    ['passes over to what always runs', cleaned, [bad('a')], 'start clean'],
    ['runs what always runs in its turn', cleaned, [good('a'), good('b')], 'start clean'],
    ['has failed behind what always runs', cleaned, [bad('a'), good('clean')], 'end Failed'],
    ['fails when what always runs does', cleaned, [good('a'), good('b'), bad('clean')], 'end Failed'],
    ['takes invalid data for a failure', abc, [child('a', { runStatus: 'DataInValid' })], 'end Failed'],
    ['takes an ended one for a failure', abc, [child('a', { runStatus: 'Aborted' })], 'end Failed'],
  ])('%s', (_, tasks, children, expected) => {
    expect(told(next(spec(tasks), [], children))).toBe(expected)
  })

  it('names the first task that failed, and why', () => {
    expect(next(spec(cleaned), [], [bad('a'), bad('clean')])).toMatchObject({
      kind: 'end',
      message: 'Task "a" is Failed: It broke',
    })
  })

  it('takes a TaskRun that was deleted while it ran for aborted', () => {
    const known: Entry[] = [{ name: 'a', taskRef: 'a', taskRunStatus: { runStatus: 'Running' } }]
    expect(next(spec(abc), known, [])).toMatchObject({
      kind: 'end',
      runStatus: 'Failed',
      message: 'Task "a" is Aborted: Its TaskRun was deleted',
    })
  })

  it('remembers one that ended and was removed, with its results', () => {
    const known: Entry[] = [
      { name: 'a', taskRef: 'a', taskRunStatus: { runStatus: 'Successed' }, results: { x: '1' } },
    ]
    expect(next(spec(abc), known, [])).toMatchObject({
      kind: 'start',
      task: { name: 'b' },
      variables: { 'tasks.a.results.x': '1' },
    })
  })

  it('gives a task the values of the pipeline, its own over them, and the results before it', () => {
    const tasks = [
      { name: 'a' },
      {
        name: 'b',
        variables: { who: 'b', from: `${ref('tasks.a.results.x')}/${ref('who')}/${ref('what')}` },
      },
    ]
    const pipeline = spec(tasks, {
      who: { required: false, value: 'run' },
      more: { required: false, default: 'd' },
    })
    expect(next(pipeline, [], [good('a', { x: '1' })])).toMatchObject({
      variables: {
        ...{ who: 'b', more: 'd', from: `1/run/${ref('what')}` },
        'tasks.a.results.x': '1',
      },
    })
  })

  it('takes a value for data, whatever it looks like', () => {
    const tasks = [{ name: 'a' }, { name: 'b', variables: { from: ref('tasks.a.results.x') } }]
    const given = ref('tasks.a.results.x')
    const pipeline = spec(tasks, {
      given: { required: false, value: given },
      own: { required: false, default: given },
    })
    const step = next(pipeline, [], [good('a', { x: ref('given') })])
    expect(step).toMatchObject({ variables: { from: ref('given'), given, own: ref('given') } })
  })

  it('takes the whole output of a step for a result that was not printed', () => {
    const tasks = [{ name: 'a', results: { out: 'say', x: 'say' } }, { name: 'b' }]
    const ran = child('a', {
      runStatus: 'Successed',
      results: { x: 'printed' },
      taskrunNodeStatus: { n1: { taskRunStep: [{ stepName: 'say', stepOutput: 'all of it\n\n' }] } },
    })
    expect(next(spec(tasks), [], [ran])).toMatchObject({
      variables: { 'tasks.a.results.out': 'all of it', 'tasks.a.results.x': 'printed' },
    })
  })

  it('fails where results are more than its status holds, and runs what always runs without them', () => {
    const tasks = [{ name: 'a' }, { name: 'b' }, { name: 'c' }, { name: 'clean', runAlways: true }]
    const much = Object.fromEntries([...Array(9).keys()].map(n => [`r${n}`, 'x'.repeat(8_000)]))
    const step = next(spec(tasks), [], [good('a', much), good('b', much), good('c', { y: '1' })])
    expect(told(step)).toBe('start clean')
    expect(Object.keys('variables' in step ? step.variables : {})).toEqual([
      ...Object.keys(much).map(key => `tasks.a.results.${key}`),
      'tasks.c.results.y',
    ])
    const over = next(spec(tasks), [], [good('a', much), good('b', much), good('clean')])
    expect(over).toMatchObject({
      runStatus: 'Failed',
      message: expect.stringMatching(/^The results of task "b" have \d+ bytes, and there is room for \d+/),
    })
  })

  it('calls a task without a name like its Task', () => {
    const pipeline: PipelineSpec = {
      tasks: [{ taskRef: 'check-disk', allowFailure: false, runAlways: false }],
    }
    expect(next(pipeline, [], [])).toMatchObject({ task: { name: 'check-disk' } })
  })
})
