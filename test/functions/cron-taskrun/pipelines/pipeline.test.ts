import { describe, expect, it } from 'vitest'
import { drafts, ownRig } from '../rig.ts'

const ref = (name: string) => `\${${name}}`

describe('a PipelineRun', async () => {
  const rig = await ownRig()

  it('passes results on, stops at a failure, and still runs what always runs', async () => {
    await rig.make(
      drafts.task('find', [
        { name: 'look', content: 'echo OPS_RESULT:node=n1; cat <<"E"\nit is; $(touch x)\nE' },
      ]),
    )
    await rig.make(
      drafts.task('mend', [
        { name: 'mend', content: `echo "mending $node after ${ref('tasks.first.results.node')}"; exit 4` },
      ]),
    )
    await rig.make(drafts.task('never', [{ content: 'echo never' }]))
    await rig.make(drafts.task('clean', [{ name: 'say', content: 'echo "cleaned $seen"' }]))
    await rig.make(
      drafts.pipeline('remedy', [
        { name: 'first', taskRef: 'find', results: { node: 'look', all: 'look' } },
        { name: 'second', taskRef: 'mend', variables: { node: ref('tasks.first.results.node') } },
        { name: 'third', taskRef: 'never' },
        {
          name: 'last',
          taskRef: 'clean',
          runAlways: true,
          variables: { seen: ref('tasks.first.results.all') },
        },
      ]),
    )
    await rig.make(drafts.pipelineRun('remedy-1', 'remedy'))
    expect(await rig.follow('remedy-1')).toEqual([
      'Running first:Running',
      'Running first:Successed second:Running',
      'Running first:Successed second:Failed last:Running',
      'Failed first:Successed second:Failed last:Successed',
    ])
    const { status } = await rig.get('PipelineRun', 'remedy-1')
    expect(status.message).toMatch(/^Task "second" is Failed: Step "mend" on ".+": .*4/)
    expect(status.pipelineRunStatus?.[0]?.results).toMatchObject({ node: 'n1' })
    const output = async (name: string) => {
      const { status } = await rig.get('TaskRun', name)
      return Object.values(status.taskrunNodeStatus ?? {})[0]?.taskRunStep?.[0]?.stepOutput
    }
    expect(await output('remedy-1-second')).toContain('mending n1 after n1')
    expect(await output('remedy-1-last')).toContain('it is; $(touch x)')
    expect((await rig.objects.list('TaskRun')).map(({ metadata }) => metadata.name)).not.toContain(
      'remedy-1-third',
    )
  })

  it('counts as it was when it started', async () => {
    await rig.make(drafts.task('short', [{ content: 'echo x' }]))
    const pipeline = await rig.make(
      drafts.pipeline('changing', [
        { name: 'a', taskRef: 'short' },
        { name: 'b', taskRef: 'short' },
      ]),
    )
    const run = await rig.make(drafts.pipelineRun('changing-1', 'changing'))
    await rig.give({ order: 'start', ...rig.about(run), kind: 'PipelineRun' })
    await rig.objects.remove(pipeline)
    expect((await rig.follow('changing-1')).at(-1)).toBe('Successed a:Successed b:Successed')
  })

  it.each([
    [
      'a circle',
      [
        { name: 'a', taskRef: 'x', variables: { v: ref('tasks.b.results.r') } },
        { name: 'b', taskRef: 'x', variables: { v: ref('tasks.a.results.r') } },
      ],
      'Task "a" uses results of "b", which runs after it',
    ],
    [
      'a required variable that is absent',
      [{ name: 'a', taskRef: 'x' }],
      expect.stringContaining('"needed"'),
    ],
  ])('is DataInValid for %s before anything starts', async (name, tasks, message) => {
    const slug = name.replaceAll(' ', '-')
    await rig.objects.create(drafts.task('x', [{ content: 'echo x' }]))
    await rig.make(drafts.pipeline(slug, tasks, { variables: { needed: { required: slug !== 'a-circle' } } }))
    await rig.make(drafts.pipelineRun(slug, slug))
    expect(await rig.follow(slug)).toEqual(['DataInValid'])
    expect((await rig.get('PipelineRun', slug)).status.message).toEqual(message)
  })

  it('makes each task once when it is told to go on many times at once', async () => {
    await rig.objects.create(drafts.task('x', [{ content: 'echo x' }]))
    await rig.make(drafts.pipeline('crowd', [{ name: 'a', taskRef: 'x' }]))
    const run = await rig.make(drafts.pipelineRun('crowd-1', 'crowd'))
    const order = { order: 'start', ...rig.about(run), kind: 'PipelineRun' } as const
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => rig.give(order)))
    expect(outcomes).toEqual(outcomes.map(() => ({ kind: 'done' })))
    expect((await rig.get('PipelineRun', 'crowd-1')).status.pipelineRunStatus).toEqual([
      { name: 'a', taskRef: 'x', taskRunStatus: { runStatus: 'Running' } },
    ])
  })

  it('fails past its deadline with the task named, and ends that task', async () => {
    await rig.objects.create(drafts.task('x', [{ content: 'echo x' }]))
    await rig.make(
      drafts.pipeline('slow', [
        { name: 'a', taskRef: 'x' },
        { name: 'b', taskRef: 'x' },
      ]),
    )
    const run = await rig.make(drafts.pipelineRun('slow-1', 'slow'))
    await rig.give({ order: 'start', ...rig.about(run), kind: 'PipelineRun' })
    const order = { order: 'overdue', ...rig.about(run), kind: 'PipelineRun' } as const
    expect(await rig.give(order)).toMatchObject({ kind: 'retry', attempted: false })
    const now = () => new Date(Date.now() + 24 * 3600_000)
    expect(await rig.give(order, { now })).toEqual({ kind: 'done' })
    expect((await rig.get('PipelineRun', 'slow-1')).status).toMatchObject({
      runStatus: 'Failed',
      message: 'It had not ended by its deadline: task "a" was still running',
    })
    expect((await rig.get('TaskRun', 'slow-1-a')).status.runStatus).toBe('Aborted')
  })

  it('takes its TaskRuns along when it is deleted', async () => {
    await rig.objects.create(drafts.task('x', [{ content: 'echo x' }]))
    await rig.make(drafts.pipeline('gone', [{ name: 'a', taskRef: 'x' }]))
    const run = await rig.make(drafts.pipelineRun('gone-1', 'gone'))
    await rig.give({ order: 'start', ...rig.about(run), kind: 'PipelineRun' })
    await rig.objects.remove(run)
    expect(await rig.give({ order: 'gone', ...rig.about(run), kind: 'PipelineRun' })).toEqual({
      kind: 'done',
    })
    expect(await rig.objects.get('TaskRun', 'ops-system', 'gone-1-a')).toBeUndefined()
  })
})
