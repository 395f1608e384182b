import { fileURLToPath } from 'node:url'
import { beforeAll, expect, it } from 'vitest'
import { stringify } from 'yaml'
import type { Report } from '../../../../functions/cron-taskrun/executor.ts'
import { kubernetesExecutor } from '../../../../functions/cron-taskrun/kubernetes/executor.ts'
import type { Allowed } from '../../../../functions/cron-taskrun/kubernetes/world.ts'
import { makeNodes } from '../../../../infra/local/kubernetes/kubectl.ts'
import { accessOf } from '../../../../shared/adapters/kubeconfig.ts'
import { openKubernetes } from '../../../../shared/adapters/kubernetes.ts'
import type { Stored } from '../../../../shared/objects.ts'
import { describeOnKubernetes } from '../../../kubernetes.ts'
import { metadata, runOf, stepOf, token, workOf } from './work.ts'

const crds = fileURLToPath(new URL('../../../../infra/crds', import.meta.url))
const patience = { timeout: 60_000, interval: 200 }

describeOnKubernetes('the executor on a cluster', { controllers: true }, cluster => {
  const { kubectl } = cluster
  const kubernetes = openKubernetes(accessOf({ KUBECONFIG: cluster.kubeconfig }), { rate: 1e4, burst: 1e4 })
  const executorWith = (allowed: Partial<Allowed> = {}) =>
    kubernetesExecutor({
      ...{ json: kubernetes.json, stream: kubernetes.stream, now: () => new Date() },
      ...{ image: 'ubuntu:22.04', privilegedNamespaces: ['nodes', 'refused'], ...allowed },
    })
  const executor = executorWith()
  const apply = (...items: object[]) =>
    kubectl(['apply', '--server-side', '-f', '-'], stringify({ apiVersion: 'v1', kind: 'List', items }))
  const get = async (what: string, namespace = 'ops') =>
    JSON.parse(await kubectl(['get', '-n', namespace, '-o', 'json', ...what.split(' ')]))
  const ofRun = ({ metadata: of }: Stored<'TaskRun'>, kind: string) =>
    get(`${kind} -l ops/taskrun-uid=${of.uid}`, of.namespace).then(({ items }) => items)

  /** A TaskRun that is there. */
  async function made(name: string, namespace = 'ops'): Promise<Stored<'TaskRun'>> {
    const object = { apiVersion: 'crd.chenshaowen.com/v1', kind: 'TaskRun', metadata: { name, namespace } }
    await apply({ ...object, spec: { taskRef: 't' } })
    const { uid } = (await get(`taskruns/${name}`, namespace)).metadata
    return runOf(metadata(name, uid, namespace))
  }

  const late = (run: Stored<'TaskRun'>) => ({ ...run, status: { deadline: '2026-01-02T03:04:05Z' } })

  /** How it stands once it is as far as that. */
  async function comesTo(run: Stored<'TaskRun'>, state: Report['state']): Promise<Report> {
    await expect.poll(async () => (await executor.look(run)).state, patience).toBe(state)
    return executor.look(run)
  }

  /** Writes the state of a run's pod as the kubelet of its node would. */
  async function kubelet(
    run: Stored<'TaskRun'>,
    phase: string,
    states: object[],
    over: object = {},
  ): Promise<void> {
    await expect.poll(async () => (await ofRun(run, 'pods'))[0]?.spec.nodeName, patience).toBe('by-hand')
    const [{ metadata: of, spec }] = await ofRun(run, 'pods')
    const inits = spec.initContainers?.length ?? 0
    const names = [...(spec.initContainers ?? []), ...spec.containers].map(({ name }) => name)
    const statuses = states.map((state, index) => ({
      ...{ name: names[index], image: 'x', imageID: '', ready: false, restartCount: 0, state },
    }))
    const status = {
      ...{ phase, startTime: '2026-01-02T03:04:06Z', ...over },
      ...{ initContainerStatuses: statuses.slice(0, inits), containerStatuses: statuses.slice(inits) },
    }
    const patch = ['--subresource=status', '--type=merge', '-p', JSON.stringify({ status })]
    await kubectl(['patch', '-n', of.namespace, `pod/${of.name}`, ...patch])
  }
  const terminated = (
    exitCode: number,
    message: string,
    reason = exitCode === 0 ? 'Completed' : 'Error',
  ) => ({
    terminated: {
      exitCode,
      message,
      reason,
      startedAt: '2026-01-02T03:04:06Z',
      finishedAt: '2026-01-02T03:04:07Z',
    },
  })

  beforeAll(async () => {
    const namespace = (name: string, enforce: string) => ({
      ...{ apiVersion: 'v1', kind: 'Namespace' },
      metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': enforce } },
    })
    await apply(
      namespace('ops', 'baseline'),
      namespace('strict', 'restricted'),
      namespace('nodes', 'privileged'),
      namespace('refused', 'baseline'),
    )
    await kubectl(['apply', '--server-side', '-f', crds])
    await kubectl(['wait', '--for=condition=Established', '--timeout=15s', 'crd', '--all'])
    await makeNodes(cluster, 3)
    await kubectl(['label', 'node/node-1', 'node-role.kubernetes.io/control-plane='])
    await kubectl(['label', 'node/node-2', 'disk=ssd'])
    await kubectl(['cordon', 'node-2'])
    // No kwok looks after it, and no kubelet.
    const spec = { taints: [{ key: 'by-hand', effect: 'NoSchedule' }] }
    await apply({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'by-hand' }, spec })
    const size = {
      capacity: { cpu: '9', memory: '9Gi', pods: '99' },
      allocatable: { cpu: '9', memory: '9Gi', pods: '99' },
    }
    await kubectl([
      'patch',
      'node/by-hand',
      '--subresource=status',
      '--type=merge',
      '-p',
      JSON.stringify({ status: size }),
    ])
  })

  it('finds nodes by name, labels and words, and says what it does not find', async () => {
    const run = runOf(metadata('r'))
    const task = workOf(run, {}).task.spec
    const find = (host: string | undefined) => executor.places({ run, task, host })
    expect(await find(undefined)).toEqual([{ name: '' }])
    expect(await find('node-3')).toEqual([{ name: 'node-3' }])
    expect(await find('disk=ssd')).toEqual([{ name: 'node-2' }])
    expect(await find('anymaster')).toEqual([{ name: 'node-1' }])
    expect(await find('anyworker')).toEqual([{ name: 'node-3' }])
    expect(await find('all')).toEqual([{ name: 'node-1' }, { name: 'node-2' }, { name: 'node-3' }])
    expect(await find('allworkers')).toEqual([{ name: 'node-2' }, { name: 'node-3' }])
    expect(await find('node-9')).toEqual({ problem: 'There is no node "node-9" in the cluster' })
    expect(await find('node-1,node-2')).toEqual({
      problem: 'There is no node "node-1,node-2" in the cluster',
    })
    expect(await find('disk=hdd')).toEqual({
      problem: 'There is no node with the labels "disk=hdd" in the cluster',
    })
    expect(await find('disk==,=')).toEqual({
      ...{ problem: expect.stringMatching(/^Cannot read the label selector/), never: true },
    })
  })

  it('has no place for what the operator does not allow', async () => {
    const run = runOf(metadata('r'))
    const { spec } = workOf(run, { task: { privileged: true } }).task
    expect(await executor.places({ run, task: spec, host: 'all' })).toEqual({
      ...{ problem: expect.stringMatching(/PRIVILEGED_NAMESPACES/), never: true },
    })
  })

  it('runs the steps of a Task as a Job, to its end', async () => {
    const run = await made('one')
    expect(await executor.start(workOf(run, { steps: [stepOf('first'), stepOf('last')] }))).toEqual({
      state: 'running',
    })
    const report = await comesTo(run, 'ended')
    const step = { status: 'Successed', output: expect.any(String), results: {}, findings: [] }
    expect(report).toEqual({
      state: 'ended',
      places: [
        {
          place: expect.stringMatching(/^node-[13]$/),
          runStatus: 'Successed',
          ...{ startTime: expect.any(String), completionTime: expect.any(String) },
          steps: [
            { name: 'first', ...step },
            { name: 'last', ...step },
          ],
        },
      ],
    })
  })

  it('makes one Job for each place, on its node, and each once', async () => {
    const run = await made('three')
    const work = workOf(run, { places: ['node-1', 'node-2', 'node-3'] })
    await Promise.all([executor.start(work), executor.start(work)])
    const before = await ofRun(run, 'jobs')
    await executor.start({ ...work, endpoint: 'http://another@ingest' })
    const jobs = await ofRun(run, 'jobs')
    const uids = (of: { metadata: { uid: string } }[]) => of.map(({ metadata }) => metadata.uid).sort()
    expect(uids(jobs)).toEqual(uids(before))
    const report = await comesTo(run, 'ended')
    expect('places' in report && report.places?.map(({ place, runStatus }) => [place, runStatus])).toEqual(
      ['node-1', 'node-2', 'node-3'].map(name => [name, 'Successed']),
    )
    const [secret] = await ofRun(run, 'secrets')
    expect(Buffer.from(secret.data.endpoint, 'base64').toString()).toBe(work.endpoint)
    const written = JSON.stringify([jobs, await ofRun(run, 'pods'), report])
    expect(written).not.toContain(token)
  })

  it('says that a Job is gone, of several and of all', async () => {
    const run = await made('gone')
    await executor.start(workOf(run, { places: ['node-1', 'node-3'] }))
    await comesTo(run, 'ended')
    const [{ metadata: of }] = await ofRun(run, 'jobs')
    await kubectl(['delete', '-n', 'ops', `job/${of.name}`])
    expect(await executor.look(run)).toMatchObject({
      ...{ state: 'lost', reason: 'Of its 2 Jobs 1 is gone', places: [{ runStatus: 'Successed' }] },
    })
    await executor.stop(run, 'x')
    await executor.stop(run, 'x')
    expect(await executor.look(run)).toMatchObject({
      state: 'lost',
      reason: 'It was stopped: x',
    })
    const [secret] = await ofRun(run, 'secrets')
    expect(secret.data).toBeUndefined()
  })

  it('knows nothing of a run that was never started', async () => {
    const run = runOf(metadata('never'))
    expect(await executor.look(run)).toMatchObject({
      state: 'lost',
      reason: 'There is no Job of it any more',
    })
    await executor.stop(run, 'x')
  })

  it('never starts again what was stopped', async () => {
    const run = await made('stopped')
    await executor.start(workOf(run, { places: ['by-hand'] }))
    await executor.stop(run, 'It is enough')
    const work = workOf(run, { places: ['by-hand', 'node-1'] })
    expect(await executor.start(work)).toEqual({
      state: 'lost',
      reason: 'It was stopped: It is enough',
      places: [],
    })
    expect(await ofRun(run, 'jobs')).toEqual([])
  })

  it('finishes what another one began to start', async () => {
    const run = await made('begun')
    const half = kubernetesExecutor({
      ...{ stream: kubernetes.stream, now: () => new Date(), image: 'x', privilegedNamespaces: [] },
      async json(ask) {
        const twice = ask.method === 'POST' && JSON.stringify(ask.body).includes('node-3')
        if (twice || ask.path.includes('/secrets')) throw new Error('killed')
        return kubernetes.json(ask)
      },
    })
    const work = workOf(run, { places: ['node-1', 'node-3'] })
    await expect(half.start(work)).rejects.toThrow('killed')
    await expect.poll(async () => (await ofRun(run, 'jobs'))[0]?.status.succeeded, patience).toBe(1)
    expect(await executor.look(run)).toEqual({ state: 'running' })
    await executor.start(work)
    expect(await comesTo(run, 'ended')).toMatchObject({
      places: [{ runStatus: 'Successed' }, { runStatus: 'Successed' }],
    })
  })

  const three = [stepOf('first'), stepOf('second'), stepOf('third')]
  const failures: [name: string, phase: string, states: object[], over: object, expected: object][] = [
    [
      'exits with 3',
      'Failed',
      [terminated(0, 'exited 0\n\n\n'), terminated(3, 'exited 3\n\n\n')],
      {},
      {
        message: 'Step "second": Exited with 3',
        steps: [
          ['first', 'Successed'],
          ['second', 'Failed'],
        ],
      },
    ],
    [
      'takes too long',
      'Failed',
      [terminated(0, 'skipped\n\n\n'), terminated(124, 'timed out after 5 s\n\n\n')],
      {},
      {
        message: 'Step "second": Timed out after 5 s',
        steps: [
          ['first', 'Skipped'],
          ['second', 'Failed'],
        ],
      },
    ],
    [
      'takes too much memory',
      'Failed',
      [terminated(137, '', 'OOMKilled')],
      {},
      { message: 'Step "first": Used more memory than it may (OOMKilled)', steps: [['first', 'Failed']] },
    ],
    [
      'is evicted',
      'Failed',
      [terminated(0, 'exited 0\n\n\n')],
      { reason: 'Evicted', message: 'The node was low on memory' },
      {
        message: 'Step "second": Had not started. Evicted: The node was low on memory',
        steps: [
          ['first', 'Successed'],
          ['second', 'Failed'],
        ],
      },
    ],
  ]
  it.each(failures)('names the step of a run that %s', async (name, phase, states, over, expected) => {
    const run = await made(name.replaceAll(' ', '-'))
    await executor.start(workOf(run, { places: ['by-hand'], steps: three }))
    await kubelet(run, phase, states, over)
    const report = await comesTo(run, 'ended')
    const [place] = ('places' in report && report.places) || []
    expect({ ...place, steps: place?.steps.map(({ name: step, status }) => [step, status]) }).toMatchObject({
      ...{ place: 'by-hand', runStatus: 'Failed', ...expected },
    })
  })

  it('fails, or hangs, where kwok is asked to let it', async () => {
    const steps = [stepOf('first'), stepOf('second')]
    const run = await made('failing')
    const env = { KWOK_FAILS: 'first-1', KWOK_SAYS: 'timed out after 7 s\n\n' }
    await executor.start(workOf(run, { places: ['node-1'], steps, env }))
    expect(await comesTo(run, 'ended')).toMatchObject({
      places: [
        { runStatus: 'Failed', message: 'Step "first": Timed out after 7 s', steps: [{ name: 'first' }] },
      ],
    })
    const hanging = await made('hanging')
    await executor.start(workOf(hanging, { places: ['node-1'], steps, env: { KWOK_HANGS: 'yes' } }))
    const at = [{ place: 'node-1', step: 'second' }]
    await expect.poll(() => executor.look(late(hanging)), patience).toMatchObject({ state: 'running', at })
    await executor.stop(hanging, 'enough')
  })

  it('masks the token also in the last word of a container', async () => {
    const run = await made('telling')
    await executor.start(workOf(run, { places: ['by-hand'] }))
    await kubelet(run, 'Failed', [terminated(137, `it is ${token}`)])
    const report = await comesTo(run, 'ended')
    expect(report).toMatchObject({ places: [{ steps: [{ message: 'Exited with 137: it is ***' }] }] })
    expect(JSON.stringify(report)).not.toContain(token)
  })

  it('lets a run go on after a failure that is allowed', async () => {
    const run = await made('allowed')
    await executor.start(workOf(run, { places: ['by-hand'], steps: three }))
    const ended = [terminated(0, 'exited 7\nallowed\n\n'), terminated(0, 'exited 0\n\n\n'), terminated(0, '')]
    await kubelet(run, 'Succeeded', ended)
    expect(await comesTo(run, 'ended')).toMatchObject({
      places: [
        {
          runStatus: 'Successed',
          steps: [
            { status: 'Failed', message: 'Exited with 7, which is allowed' },
            { status: 'Successed' },
            { status: 'Successed' },
          ],
        },
      ],
    })
  })

  it('tells which step is under way and what it waits for, and past the deadline what to say of it', async () => {
    const run = await made('slow')
    await executor.start(workOf(run, { places: ['by-hand'], steps: three }))
    await kubelet(run, 'Pending', [terminated(0, 'exited 0\n\n\n'), { running: {} }])
    expect(await executor.look(run)).toEqual({ state: 'running' })
    expect(await executor.look(late(run))).toMatchObject({ at: [{ place: 'by-hand', step: 'second' }] })
    const waiting = { waiting: { reason: 'ErrImagePull', message: 'no such image' } }
    await kubelet(run, 'Pending', [terminated(0, 'exited 0\n\n\n'), waiting])
    const at = [{ place: 'by-hand', step: 'second', message: 'ErrImagePull: no such image' }]
    expect(await executor.look(late(run))).toMatchObject({
      ...{ state: 'running', at },
      places: [
        {
          runStatus: 'Failed',
          message: 'Step "second": Could not start: ErrImagePull: no such image',
          steps: [{ name: 'first' }, { name: 'second', status: 'Failed' }],
        },
      ],
    })
    await executor.stop(run, 'It is late')
    // No kubelet is there to end it.
    await kubectl(['delete', '-n', 'ops', 'pods', '-l', `ops/taskrun-uid=${run.metadata.uid}`, '--force'])
    expect(await executor.look(run)).toMatchObject({ state: 'lost' })
  })

  it('tells of a pod that its namespace does not admit, and of one that fits nowhere', async () => {
    const refused = await made('refused', 'refused')
    await executor.start(workOf(refused, { places: ['node-1'], task: { privileged: true } }))
    const said = async (run: Stored<'TaskRun'>) => {
      const report = await executor.look(late(run))
      return report.state === 'running' ? report.at?.[0]?.message : report
    }
    await expect
      .poll(() => said(refused), patience)
      .toMatch(/^Its pod cannot be made: .*violates PodSecurity "baseline/)
    const large = await made('large')
    const resources = { requests: { cpu: '500' }, limits: { cpu: '500' } }
    await executorWith({ resources }).start(workOf(large, {}))
    await expect.poll(() => said(large), patience).toMatch(/^Unschedulable: /)
  })

  it('runs on the node itself where that is allowed', async () => {
    const run = await made('host', 'nodes')
    const task = { privileged: true, mounts: [{ hostPath: '/etc', mountPath: '/host/etc' }] }
    await executor.start(workOf(run, { places: ['node-2'], task }))
    expect(await comesTo(run, 'ended')).toMatchObject({
      places: [{ place: 'node-2', runStatus: 'Successed' }],
    })
  })

  it('is admitted by the strictest namespaces where steps run as another user than root', async () => {
    const run = await made('strict', 'strict')
    await executorWith({ user: 65_534 }).start(workOf(run, {}))
    expect(await comesTo(run, 'ended')).toMatchObject({ places: [{ runStatus: 'Successed' }] })
  })

  it('ends what the API server does not take, and leaves nothing behind', async () => {
    const run = await made('wrong')
    const task = { mounts: ['x', 'y'].map(name => ({ secret: { name, mountPath: '/twice' } })) }
    expect(await executor.start(workOf(run, { task }))).toEqual({
      ...{
        state: 'lost',
        reason: expect.stringMatching(/^It could not be started: .*mountPath/),
        places: [],
      },
    })
    expect(await ofRun(run, 'jobs,secrets')).toEqual([])
  })

  it('does not take the Job of another run for its own', async () => {
    const run = await made('twin')
    await executor.start(workOf(run, {}))
    const [{ metadata: of }] = await ofRun(run, 'jobs')
    await kubectl(['label', '-n', 'ops', '--overwrite', `job/${of.name}`, 'ops/taskrun-uid=another'])
    expect(await executor.start(workOf(run, {}))).toMatchObject({
      ...{ state: 'lost', reason: expect.stringMatching(/There is a Job ".*" that is not of this run$/) },
    })
  })
  it('takes along what was made for a run that is deleted', async () => {
    const run = await made('deleted')
    await executor.start(workOf(run, {}))
    await kubectl(['delete', '-n', 'ops', 'taskrun/deleted'])
    await expect.poll(() => ofRun(run, 'jobs,pods,secrets'), patience).toEqual([])
  })
})
