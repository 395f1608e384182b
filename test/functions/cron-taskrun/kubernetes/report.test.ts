import { describe, expect, it } from 'vitest'
import type { Job, Pod } from '../../../../functions/cron-taskrun/kubernetes/jobs.ts'
import { placeReport } from '../../../../functions/cron-taskrun/kubernetes/report.ts'

const job = (end?: Partial<NonNullable<Job['end']>>, over: Partial<Job> = {}): Job => ({
  metadata: { name: 'j', uid: 'u', creationTimestamp: '2026-01-02T03:04:05Z', annotations: {} },
  ...{
    place: 'n1',
    places: 1,
    steps: ['a', 'b'],
    startTime: '2026-01-02T03:04:06Z',
    completionTime: undefined,
  },
  end: end && { type: 'Failed', status: 'True', lastTransitionTime: '2026-01-02T03:05:00Z', ...end },
  ...over,
})
const pod = (containers: Pod['containers'], over: Partial<Pod> = {}): Pod => ({
  metadata: { name: 'p', creationTimestamp: '2026-01-02T03:04:06Z', ownerReferences: [{ uid: 'u' }] },
  ...{ node: 'n1', phase: 'Failed', conditions: [], initContainerStatuses: [], containerStatuses: [] },
  ...{ containers, ...over },
})
const ended = (name: string, exitCode: number, message = '', reason = 'Error') => ({
  ...{ name, state: { terminated: { exitCode, reason, message } } },
})
const running = (name: string) => ({ name, state: { running: {} } })
const backoff = { reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' }
const disrupted = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'DeletionByPodGC',
  message: 'node is gone',
}

type Told = { runStatus: string; message?: string; steps: string[] }
const cases: [name: string, job: Job, pod: Pod | undefined, told: Told][] = [
  [
    'a step that failed, and none after it',
    job(backoff),
    pod([ended('a-1', 2, 'exited 2\n\n')]),
    { runStatus: 'Failed', message: 'Step "a": Exited with 2', steps: ['a Failed Exited with 2'] },
  ],
  [
    'an image without a shell',
    job(backoff),
    pod([ended('a-1', 128, 'exec: "/bin/sh": no such file', 'StartError')]),
    {
      runStatus: 'Failed',
      message: 'Step "a": Exited with 128: StartError: exec: "/bin/sh": no such file',
      steps: ['a Failed Exited with 128: StartError: exec: "/bin/sh": no such file'],
    },
  ],
  [
    'a condition that cannot be judged after a failure',
    job(backoff),
    pod([ended('a-1', 3, 'exited 3\n\ncannot tell whether "allowfailure" holds: it is no number\n')]),
    {
      runStatus: 'Failed',
      message: 'Step "a": Exited with 3; cannot tell whether "allowfailure" holds: it is no number',
      steps: ['a Failed Exited with 3; cannot tell whether "allowfailure" holds: it is no number'],
    },
  ],
  [
    'a pod that is gone, of a Job that is complete',
    job({ type: 'Complete' }),
    undefined,
    {
      runStatus: 'Successed',
      message: 'Its pod is gone, and with it what it printed',
      steps: ['a Successed', 'b Successed'],
    },
  ],
  [
    'a pod that is gone, of a Job that failed',
    job(backoff),
    undefined,
    {
      runStatus: 'Aborted',
      message:
        'Its Job failed, BackoffLimitExceeded: Job has reached the specified backoff limit. Its pod is gone, and with it what it printed',
      steps: [],
    },
  ],
  [
    'a Job that ended itself after its time',
    job({ reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' }),
    undefined,
    {
      runStatus: 'Failed',
      message:
        'Its Job failed, DeadlineExceeded: Job was active longer than specified deadline. Its pod is gone, and with it what it printed',
      steps: [],
    },
  ],
  [
    'a node that is gone',
    job(backoff),
    pod([ended('a-1', 0), running('b-2')], { conditions: [disrupted] }),
    {
      runStatus: 'Failed',
      message: 'Step "b": Had not ended. DeletionByPodGC: node is gone',
      steps: ['a Successed', 'b Failed Had not ended'],
    },
  ],
  [
    'a node that told of the pod alone',
    job({ type: 'Complete' }),
    pod([], { phase: 'Succeeded' }),
    { runStatus: 'Successed', steps: ['a Successed', 'b Successed'] },
  ],
  [
    'one that is to be stopped',
    job(),
    pod([ended('a-1', 0), running('b-2')], { phase: 'Running' }),
    {
      runStatus: 'Failed',
      message: 'Step "b": Had not ended',
      steps: ['a Successed', 'b Failed Had not ended'],
    },
  ],
]

describe('placeReport()', () => {
  it.each(cases)('tells of %s', (_, of, its, told) => {
    const report = placeReport({
      job: of,
      pod: its,
      outputs: new Map(),
      now: new Date('2026-01-02T03:06:00Z'),
    })
    expect({
      runStatus: report.runStatus,
      ...(report.message && { message: report.message }),
      steps: report.steps.map(({ name, status, message }) =>
        [name, status, message].filter(Boolean).join(' '),
      ),
    }).toEqual(told)
  })

  it('knows when and where it was, as far as anybody does', () => {
    const at = { now: new Date('2026-01-02T03:06:00Z'), outputs: new Map() }
    expect(placeReport({ ...at, job: job(backoff), pod: pod([]) })).toMatchObject({
      ...{ place: 'n1', startTime: '2026-01-02T03:04:06Z', completionTime: '2026-01-02T03:05:00Z' },
    })
    expect(
      placeReport({ ...at, job: job(undefined, { place: '' }), pod: pod([], { node: 'chosen' }) }),
    ).toMatchObject({
      ...{ place: 'chosen', completionTime: '2026-01-02T03:06:00.000Z' },
    })
  })
})
