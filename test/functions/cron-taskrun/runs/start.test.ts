import { mkdtempSync, readFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { retry } from '../../../../shared/outcome.ts'
import { drafts, ownRig } from '../rig.ts'

const host = hostname()
const dir = mkdtempSync(join(tmpdir(), 'runs-'))

describe('a TaskRun without a cluster', async () => {
  const rig = await ownRig()

  it('runs its steps here and says what came of them', async () => {
    const { outcome, status } = await rig.run(
      'good',
      [
        { name: 'say', content: 'echo "hello $who"; echo OPS_RESULT:answer=42' },
        { name: 'skip', content: 'echo never', when: '1 == 2' },
      ],
      { run: { variables: { who: '$(touch x)' } } },
    )
    expect(outcome).toEqual({ kind: 'done' })
    expect(status).toMatchObject({
      runStatus: 'Successed',
      executor: 'local',
      results: { answer: '42' },
      taskrunNodeStatus: {
        [host]: {
          nodeName: host,
          runStatus: 'Successed',
          taskRunStep: [
            {
              stepName: 'say',
              stepContent: 'echo "hello $who"; echo OPS_RESULT:answer=42',
              stepOutput: expect.stringContaining('hello $(touch x)'),
              stepStatus: 'Successed',
            },
            { stepName: 'skip', stepStatus: 'Skipped' },
          ],
        },
      },
    })
    expect(status.message).toBeUndefined()
    expect(Date.parse(status.completionTime ?? '')).toBeGreaterThanOrEqual(Date.parse(status.startTime ?? ''))
  })

  it('fails with the step and the place named', async () => {
    const { status } = await rig.run('bad', [{ name: 'break', content: 'exit 3' }])
    expect(status.runStatus).toBe('Failed')
    expect(status.message).toMatch(new RegExp(`^Step "break" on "${host}": .*3`))
  })

  it('runs where its variable says, also where the Task has an empty host as older ones do', async () => {
    const { status } = await rig.run('elsewhere', [{ content: 'echo x' }], {
      task: { host: '', runtimeImage: '', variables: { host: { default: 'h9' } } },
    })
    expect(status).toMatchObject({ runStatus: 'Failed', message: expect.stringMatching(/by ssh$/) })
  })

  it('goes on behind a failure that is allowed', async () => {
    const { status } = await rig.run('allowed', [
      { name: 'break', content: 'exit 3', allowfailure: 'true' },
      { name: 'go', content: 'echo on' },
    ])
    expect(status.runStatus).toBe('Successed')
  })

  it('has what a step needs in its environment, and a token that is good as long as it runs', async () => {
    const { status, made } = await rig.run('env', [
      {
        name: 'say',
        content: 'echo "$TASK $TASKRUN $NAMESPACE $EVENT_CLUSTER $HOSTNAME $OPSSERVER_ENDPOINT"',
      },
    ])
    const output = status.taskrunNodeStatus?.[host]?.taskRunStep?.[0]?.stepOutput ?? ''
    expect(output).toContain(`env env ops-system mycluster ${host} http://ops:`)
    expect(output, 'the token is masked').not.toContain('opsrun_')
    expect(await rig.world.tokens.find(made.metadata.uid)).toBeUndefined()
  })

  it('publishes what it found, with what is known filled in, and once however often it is concluded', async () => {
    const { made } = await rig.run('finds', [
      {
        name: 'look',
        content: `echo 'OPS_FINDING:{"status":"alerting","value":"3"}'
echo 'OPS_FINDING:{"subject":"nodes.n1.findings","host":"n1","message":"full"}'
echo 'OPS_FINDING:{"subject":"ops.clusters.other.nodes.n1.findings"}'`,
      },
    ])
    const found = rig.published.filter(({ type }) => type === 'TaskRunReport')
    expect(found).toMatchObject([
      {
        subject: 'ops.clusters.mycluster.namespaces.ops-system.taskruns.finds.findings',
        data: { cluster: 'mycluster', host, kind: 'finds', status: 'alerting', value: '3' },
      },
      { subject: 'ops.clusters.mycluster.nodes.n1.findings', data: { host: 'n1', kind: 'finds' } },
    ])
    const { status } = await rig.get('TaskRun', 'finds')
    expect(status.taskrunNodeStatus?.[host]?.taskRunStep?.[0]?.message).toMatch(/other/)
    expect(await rig.give({ order: 'start', ...rig.about(made), kind: 'TaskRun' })).toEqual({ kind: 'done' })
  })

  it.each([
    ['a required variable that is absent', { variables: { node: { required: true } } }, {}, /node/],
    ['a value outside of its enum', { variables: { a: { enums: ['x'] } } }, { variables: { a: 'y' } }, /"a"/],
  ])('is DataInValid for %s, and starts nothing', async (name, task, run, message) => {
    const slug = name.replaceAll(' ', '-')
    const mark = join(dir, slug)
    const { outcome, status } = await rig.run(slug, [{ content: `touch ${mark}` }], { task, run })
    expect(outcome).toEqual({ kind: 'done' })
    expect(status).toMatchObject({ runStatus: 'DataInValid', message: expect.stringMatching(message) })
    expect(() => readFileSync(mark)).toThrow()
  })

  it('waits for its Task while it is young, and is DataInValid later', async () => {
    const made = await rig.make(drafts.taskRun('lonely', 'nobody'))
    const order = { order: 'start', ...rig.about(made), kind: 'TaskRun' } as const
    expect(await rig.give(order)).toMatchObject({ kind: 'retry', attempted: false })
    const later = () => new Date(Date.now() + 20_000)
    expect(await rig.give(order, { now: later })).toEqual({ kind: 'done' })
    expect((await rig.get('TaskRun', 'lonely')).status).toMatchObject({
      runStatus: 'DataInValid',
      message: 'There is no Task "nobody" in namespace "ops-system"',
    })
  })

  it('is run once when its order comes many times at once', async () => {
    const mark = join(dir, 'once')
    await rig.make(drafts.task('once', [{ content: `echo x >> ${mark}; sleep 0.3` }]))
    const made = await rig.make(drafts.taskRun('once', 'once'))
    const order = { order: 'start', ...rig.about(made), kind: 'TaskRun' } as const
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => rig.give(order)))
    expect(outcomes.filter(({ kind }) => kind === 'done').length).toBeGreaterThan(0)
    expect(outcomes.filter(({ kind }) => kind === 'retry')).toSatisfy((all: object[]) =>
      all.every(one => 'attempted' in one && one.attempted === false),
    )
    expect(readFileSync(mark, 'utf8')).toBe('x\n')
    expect((await rig.get('TaskRun', 'once')).status.runStatus).toBe('Successed')
  })

  it('ends Aborted when whoever ran it is gone, and is not run again', async () => {
    const mark = join(dir, 'lost')
    await rig.make(drafts.task('lost', [{ content: `echo x >> ${mark}` }]))
    const made = await rig.make(drafts.taskRun('lost', 'lost'))
    await rig.objects.putStatus(made, { runStatus: 'Running', executor: 'local' })
    const order = { order: 'start', ...rig.about(made), kind: 'TaskRun' } as const
    expect(await rig.give(order)).toEqual({ kind: 'done' })
    const { status } = await rig.get('TaskRun', 'lost')
    expect(status).toMatchObject({ runStatus: 'Aborted', message: expect.stringContaining('ended while') })
    expect(() => readFileSync(mark)).toThrow()
  })

  it('is written down when the objects are back that were away at its end', async () => {
    await rig.make(drafts.task('away', [{ content: 'echo x' }]))
    const made = await rig.make(drafts.taskRun('away', 'away'))
    let failures = 0
    const putStatus: typeof rig.objects.putStatus = (object, status) => {
      if ('completionTime' in status && failures++ < 3) return Promise.reject(new Error('away'))
      return rig.objects.putStatus(object, status)
    }
    const order = { order: 'start', ...rig.about(made), kind: 'TaskRun' } as const
    expect(await rig.give(order, { objects: { ...rig.objects, putStatus } })).toEqual({ kind: 'done' })
    expect((await rig.get('TaskRun', 'away')).status.runStatus).toBe('Successed')
  })

  it('is not written over when it has ended otherwise meanwhile', async () => {
    await rig.make(drafts.task('other', [{ content: 'echo x' }]))
    const made = await rig.make(drafts.taskRun('other', 'other'))
    const publish = async () => {}
    const executor = async () => {
      const local = await rig.world.executor('local')
      return (
        local && {
          ...local,
          async start(work: Parameters<typeof local.start>[0]) {
            const report = await local.start(work)
            await rig.objects.putStatus(await rig.get('TaskRun', 'other'), {
              runStatus: 'Aborted',
              message: 'By hand',
            })
            return report
          },
        }
      )
    }
    const order = { order: 'start', ...rig.about(made), kind: 'TaskRun' } as const
    expect(await rig.give(order, { publish, executor })).toEqual({ kind: 'done' })
    expect((await rig.get('TaskRun', 'other')).status).toEqual({ runStatus: 'Aborted', message: 'By hand' })
  })

  it('is tried again when what holds the objects is away', async () => {
    const get = () => Promise.reject(new Error('The API server is away'))
    const order = { order: 'start', kind: 'TaskRun', namespace: 'a', name: 'b', uid: 'c' } as const
    expect(await rig.give(order, { objects: { ...rig.objects, get } })).toEqual(
      retry('The API server is away'),
    )
  })
})
