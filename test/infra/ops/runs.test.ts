import { afterAll, describe, expect, it } from 'vitest'
import { run } from '../../../infra/ops/run.ts'
import { hostKeysIn } from '../../../shared/adapters/host-keys.ts'
import { openNats } from '../../../shared/adapters/nats.ts'
import { objectsInKv } from '../../../shared/adapters/objects/kv.ts'
import type { TaskRunStatus } from '../../../shared/resources/task-run.ts'
import { openApi, openBus, token } from '../../functions/ops-api/rig.ts'
import { quiet } from '../../quiet.ts'
import { ownNats, sharedRedis } from '../../servers.ts'

const server = await ownNats()
await openBus(server.url)
const nats = openNats(server.url, 'test', quiet)
await nats.opened
afterAll(() => nats.close())
const objects = objectsInKv(nats, { now: Date.now })
const api = await openApi({ nats: server.url, redis: sharedRedis() })

/** As a shell would split it. */
const wordsIn = (args: string) =>
  [...args.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')

/** Runs the command line in this process; with what it ends with and all that it says, a line each. */
async function ops(args: string): Promise<{ code: number; lines: string[] }> {
  const lines: string[] = []
  const say = (text: string) => void lines.push(...text.split('\n'))
  const env = { OPS_API: api.url, OPS_TOKEN: token, ACTIVE_NAMESPACE: 'shop' }
  try {
    await run(wordsIn(args), { env, local: undefined, now: Date.now(), print: say, warn: say })
    return { code: 0, lines }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    return { code: Number(error.code), lines: [...lines, error.message] }
  }
}

for (const namespace of ['shop', 'other'])
  await objects.create({
    kind: 'Task',
    metadata: { namespace, name: 'check-disk' },
    spec: {
      steps: [
        { name: 'look', content: 'df -P /' },
        { name: 'tell', content: 'true' },
      ],
    },
  })
await objects.create({
  kind: 'Pipeline',
  metadata: { namespace: 'shop', name: 'night' },
  spec: { tasks: [{ name: 'first', taskRef: 'check-disk' }] },
})

/** The only run of a namespace that has no status yet, as cron-taskrun would find it. */
const fresh = async (namespace = 'shop') =>
  expect
    .poll(async () => (await objects.list('TaskRun', { namespace })).find(one => !one.status.runStatus))
    .toBeDefined()
async function putStatus(status: TaskRunStatus, before?: TaskRunStatus['runStatus']): Promise<void> {
  const runs = await objects.list('TaskRun', { namespace: 'shop' })
  const found = runs.find(one => one.status.runStatus === before)
  if (!found) throw new Error(`There is no run that is ${before}`)
  await objects.putStatus(found, status)
}
const step = (stepName: string, stepStatus: string, stepOutput = '') => ({ stepName, stepStatus, stepOutput })

it('looks where Tasks are as installed, unless told', async () => {
  const lines: string[] = []
  const say = (text: string) => void lines.push(text)
  const env = { OPS_API: api.url, OPS_TOKEN: token }
  await run(['runs'], { env, local: undefined, now: Date.now(), print: say, warn: say })
  expect(lines).toEqual(['There are no such runs in namespace ops-runs'])
})

describe('npm run ops -- run', { timeout: 60_000 }, () => {
  it('makes a run with variables and says its name', async () => {
    const { code, lines } = await ops(
      `run task check-disk -n other --var "path=/var, a=b" --var empty= --desc "by hand"`,
    )
    expect({ code, lines }).toEqual({
      code: 0,
      lines: [expect.stringMatching(/^TaskRun other\/check-disk-\w{5}: not started yet$/)],
    })
    const [made] = await objects.list('TaskRun', { namespace: 'other' })
    expect(made?.spec).toMatchObject({ variables: { path: '/var, a=b', empty: '' }, desc: 'by hand' })
    const asked = await Promise.all([1, 2].map(() => ops('run pipeline night --key k --json')))
    const names = asked.map(({ lines }) => JSON.parse(lines.join('\n')).metadata.name)
    expect(names[0]).toBe(names[1])
  })

  it('waits for the end, tells each step once as it ends, and ends as the run did', async () => {
    const going = ops('run task check-disk --wait')
    await fresh()
    const startTime = '2026-01-31T12:00:00Z'
    const look = step('look', 'Successed', 'Filesystem\n/dev/sda1 \u001b[2J 91%\n')
    const here = (...taskRunStep: object[]) => ({ taskrunNodeStatus: { here: { taskRunStep } } })
    await putStatus({ runStatus: 'Running', startTime, ...here(look) })
    const tell = { ...step('tell', 'Failed', ''), message: 'it exited with 3' }
    const ended = {
      runStatus: 'Failed',
      message: 'Step "tell" failed',
      completionTime: '2026-01-31T12:00:04Z',
    } as const
    await putStatus({ startTime, ...ended, ...here(look, tell) }, 'Running')
    const { code, lines } = await going
    const [, ...more] = lines
    expect(code).toBe(1)
    expect(more).toEqual([
      '--- here look: Successed',
      'Filesystem',
      '/dev/sda1  [2J 91%',
      '--- here tell: Failed (it exited with 3)',
      expect.stringMatching(/^TaskRun shop\/check-disk-\w{5}: Failed, Step "tell" failed$/),
      'It did not go well: see above',
    ])
    const again = ops('run task check-disk --wait --json')
    await fresh()
    await putStatus({ runStatus: 'Successed', ...here(look) })
    const done = await again
    expect(done.code).toBe(0)
    expect(JSON.parse(done.lines.join('\n'))).toMatchObject({ status: { runStatus: 'Successed' } })
  })

  it.each([
    ['run task chek-disk', 1, 'There is no Task "chek-disk" in namespace "shop": did you mean "check-disk"?'],
    ['run task', 2, 'Write it so: run task <name> [options]'],
    ['run task check-disk --var path', 2, '--var is "path", it has to be name=value'],
    ['run tsk check-disk', 2, 'did you mean "run task"?'],
    ['runs show none', 1, 'There is no TaskRun "shop/none"'],
    ['runs show a/b/c', 2, '"a/b/c" is no name'],
    ['runs --status done', 1, 'status: it has to be one of'],
    ['hosts forget shop/web', 1, 'No key is kept of host "shop/web"'],
  ])('%s ends with %i and says why', async (args, code, said) => {
    const ended = await ops(args)
    expect(ended.code).toBe(code)
    expect(ended.lines.at(-1)).toContain(said)
  })
})

describe('npm run ops -- runs', { timeout: 60_000 }, async () => {
  const run = await objects.create({
    kind: 'TaskRun',
    metadata: { namespace: 'listed', name: 'nightly' },
    spec: { taskRef: 'check-disk', crontab: '@daily' },
  })
  const [startTime, completionTime] = ['2026-01-31T12:00:00Z', '2026-01-31T12:01:05Z']
  const inner: TaskRunStatus = {
    ...{ runStatus: 'Successed', startTime, completionTime },
    taskrunNodeStatus: { here: { taskRunStep: [step('look', 'Successed', '91%')] } },
  }
  const pipeline = await objects.create({
    kind: 'PipelineRun',
    metadata: { namespace: 'listed', name: 'night-1' },
    spec: { pipelineRef: 'night' },
  })
  if (pipeline)
    await objects.putStatus(pipeline, {
      ...{ runStatus: 'Failed', message: 'Task "last" failed', startTime, completionTime },
      pipelineRunStatus: [{ name: 'first', taskRef: 'check-disk', taskRunStatus: inner }, { name: 'last' }],
    })

  it('lists those of both kinds, or of one', async () => {
    expect(run).toBeDefined()
    const { lines } = await ops('runs -n listed')
    expect(lines[0]).toMatch(/^RUN +KIND +OF +STATUS +CREATED +TOOK +MESSAGE$/)
    expect(lines.slice(1).sort()).toEqual([
      expect.stringMatching(/^night-1 +PipelineRun +night +Failed +\S+Z +1m5s +Task "last" failed$/),
      expect.stringMatching(/^nightly +TaskRun +check-disk +by the clock, @daily +\S+Z$/),
    ])
    expect((await ops('runs pipeline -n listed')).lines).toHaveLength(2)
    expect((await ops('runs task -n listed --search pipeline')).lines).toEqual([
      'There are no such runs in namespace listed',
    ])
    const json = JSON.parse((await ops('runs list -n listed --limit 1 --json')).lines.join('\n'))
    expect(json).toMatchObject({ list: [expect.anything()], total: 2 })
  })

  it('shows one, whatever its kind, with what its steps printed', async () => {
    expect((await ops('runs show listed/night-1')).lines).toEqual([
      'PipelineRun listed/night-1: Failed, Task "last" failed',
      '--- first here look: Successed',
      '91%',
    ])
    expect((await ops('runs show nightly -n listed')).lines).toEqual([
      'TaskRun listed/nightly: by the clock, @daily',
    ])
  })
})

it('npm run ops -- runs tells of a crontab that cannot be read, and of one that is suspended', async () => {
  const scheduled = (name: string, spec: object) =>
    objects.create({
      kind: 'TaskRun',
      metadata: { namespace: 'clocks', name },
      spec: { taskRef: 'check-disk', ...spec },
    })
  const wrong = await scheduled('wrong', { crontab: '0 0 30 2 *' })
  if (wrong) await objects.putStatus(wrong, { runStatus: 'DataInValid', message: 'it is never due' })
  await scheduled('paused', { crontab: '@daily', suspend: true })
  const { lines } = await ops('runs task -n clocks')
  expect(lines.slice(1).sort()).toEqual([
    expect.stringMatching(/^paused +TaskRun +check-disk +suspended, @daily +\S+Z$/),
    expect.stringMatching(/^wrong +TaskRun +check-disk +DataInValid, 0 0 30 2 \* +\S+Z +it is never due$/),
  ])
}, 60_000)

it('npm run ops -- hosts forget forgets the key of a host', async () => {
  const keys = hostKeysIn(nats)
  await keys.putFirst('shop/db', { key: 'a', address: '10.0.0.1', since: '2026-01-31T12:00:00Z' })
  expect(await ops('hosts forget shop/db')).toEqual({
    code: 0,
    lines: ['The key of host shop/db is forgotten'],
  })
  expect(await keys.get('shop/db')).toBeUndefined()
})
