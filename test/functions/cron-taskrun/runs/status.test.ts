import { describe, expect, it } from 'vitest'
import type { PlaceReport, StepReport } from '../../../../functions/cron-taskrun/executor.ts'
import { fitted, mostBytes } from '../../../../functions/cron-taskrun/runs/fitted.ts'
import { lastStatus, withoutReports } from '../../../../functions/cron-taskrun/runs/status.ts'
import { underWay } from '../../../../functions/cron-taskrun/runs/verdict.ts'
import type { TaskRunStatus } from '../../../../shared/resources/task-run.ts'

const at = '2026-01-31T12:00:00.000Z'
const now = new Date(at)

const step = (name: string, status: StepReport['status'], more: Partial<StepReport> = {}): StepReport => ({
  ...{ name, status, output: `${name} said`, results: {}, findings: [] },
  ...more,
})
const place = (
  name: string,
  runStatus: PlaceReport['runStatus'],
  steps: StepReport[],
  message?: string,
): PlaceReport => ({
  ...{ place: name, runStatus, startTime: at, completionTime: at, steps },
  ...(message !== undefined && { message }),
})
const claimed = (...places: string[]): TaskRunStatus => ({
  runStatus: 'Running',
  startTime: at,
  taskrunNodeStatus: Object.fromEntries(
    places.map(name => [
      name,
      { runStatus: 'Running', taskRunStep: [{ stepName: 'a', stepContent: `do ${name}` }] },
    ]),
  ),
})
const good = step('a', 'Successed')
const bad = step('b', 'Failed', { message: 'exited with 3' })

describe('lastStatus()', () => {
  it.each<[string, TaskRunStatus, PlaceReport[], string, string | undefined]>([
    ['all went well', claimed('n1'), [place('n1', 'Successed', [good])], 'Successed', undefined],
    ['a failure was allowed', claimed('n1'), [place('n1', 'Successed', [bad, good])], 'Successed', undefined],
    [
      'a step failed',
      claimed('n1'),
      [place('n1', 'Failed', [good, bad])],
      'Failed',
      'Step "b" on "n1": exited with 3',
    ],
    [
      'a step failed and says its own name',
      claimed('n1'),
      [place('n1', 'Failed', [good, step('b', 'Failed', { message: 'step "b" exited with 3' })])],
      'Failed',
      'Step "b" on "n1": exited with 3',
    ],
    [
      'several places failed',
      claimed('n1', 'n2', 'n3'),
      [place('n1', 'Successed', [good]), place('n2', 'Failed', [bad]), place('n3', 'Failed', [bad])],
      'Failed',
      'Step "b" on "n2": exited with 3, and 1 other places too',
    ],
    [
      'a place was not reached',
      claimed('n1'),
      [place('n1', 'Failed', [], 'refused')],
      'Failed',
      '"n1": refused',
    ],
    ['no step was run', claimed('n1'), [place('n1', 'Successed', [])], 'Failed', 'No step was run on "n1"'],
    ['there was no place', {}, [], 'Failed', 'No step was run'],
    [
      'all steps were left out',
      claimed('n1'),
      [place('n1', 'Successed', [step('a', 'Skipped')])],
      'Successed',
      undefined,
    ],
    [
      'nobody told of a place',
      claimed('n1', 'n2'),
      [place('n1', 'Successed', [good])],
      'Aborted',
      '"n2": Nothing is known of what became of it',
    ],
    [
      'the scheduler chose the place',
      claimed('anynode'),
      [place('n7', 'Successed', [good])],
      'Successed',
      undefined,
    ],
  ])('says it rightly when %s', (_, before, places, runStatus, message) => {
    const status = lastStatus(before, { places }, now)
    expect({ runStatus: status.runStatus, message: status.message }).toEqual({ runStatus, message })
    expect(status.completionTime).toBe(at)
  })

  it('shows the script as the Task had it, also where the scheduler chose the place', () => {
    const { taskrunNodeStatus } = lastStatus(
      claimed('anynode'),
      { places: [place('n7', 'Successed', [good])] },
      now,
    )
    expect(taskrunNodeStatus).toEqual({
      n7: expect.objectContaining({
        taskRunStep: [
          { stepName: 'a', stepContent: 'do anynode', stepOutput: 'a said', stepStatus: 'Successed' },
        ],
      }),
    })
  })

  it('says of a step which of its findings could not be told', () => {
    const findings = [{ problem: 'It is no JSON' }, { data: {} }]
    const { taskrunNodeStatus } = lastStatus(
      {},
      { places: [place('n1', 'Successed', [step('a', 'Successed', { findings })])] },
      now,
    )
    expect(taskrunNodeStatus?.n1?.taskRunStep?.[0]?.message).toBe('It is no JSON')
  })

  it('takes the results of all steps, later ones over earlier', () => {
    const steps = [
      step('a', 'Successed', { results: { x: '1', y: '1' } }),
      step('b', 'Successed', { results: { y: '2' } }),
    ]
    expect(lastStatus({}, { places: [place('n1', 'Successed', steps)] }, now).results).toEqual({
      x: '1',
      y: '2',
    })
  })

  it('says why it was ended, over what the places say', () => {
    const because = { runStatus: 'Failed', message: 'Too late' } as const
    expect(
      lastStatus(claimed('n1', 'n2'), { places: [place('n1', 'Failed', [bad])], because }, now),
    ).toMatchObject({
      runStatus: 'Failed',
      message: 'Too late',
      taskrunNodeStatus: { n1: { runStatus: 'Failed' }, n2: { runStatus: 'Failed', message: 'Too late' } },
    })
  })
})

describe('lastStatus() of what no status can hold', () => {
  it('is that it cannot be written down', () => {
    const places = [{ ...place('n1', 'Successed', [good]), startTime: 'yesterday' }]
    expect(lastStatus(claimed('n1'), { places }, now)).toMatchObject({
      runStatus: 'Failed',
      message: expect.stringMatching(
        /^What came of it cannot be written down: taskrunNodeStatus.n1.startTime: /,
      ),
    })
  })
})

describe('withoutReports()', () => {
  it('leaves no place running', () => {
    expect(withoutReports(claimed('n1'), { runStatus: 'Aborted', message: 'Replaced' }, now)).toMatchObject({
      runStatus: 'Aborted',
      message: 'Replaced',
      taskrunNodeStatus: { n1: { runStatus: 'Aborted' } },
    })
  })
})

describe('underWay()', () => {
  it('names the steps that are, and why they do not get on', () => {
    expect(
      underWay([
        { place: 'n1', step: 'a' },
        { place: '', message: 'ErrImagePull' },
      ]),
    ).toBe('step "a" on "n1", something on "anynode" (ErrImagePull)')
  })
})

describe('fitted()', () => {
  const sizeOf = (status: TaskRunStatus) => Buffer.byteLength(JSON.stringify(status))
  const wide = (
    count: number,
    output: string,
    runStatus: 'Successed' | 'Failed' = 'Successed',
  ): TaskRunStatus => ({
    runStatus: 'Failed',
    message: 'It broke',
    taskrunNodeStatus: Object.fromEntries(
      Array.from({ length: count }, (_, index) => [
        `node-${index}`,
        {
          runStatus: index === count - 1 ? 'Failed' : runStatus,
          taskRunStep: [{ stepName: 'a', stepContent: 'x', stepOutput: output, stepStatus: runStatus }],
        },
      ]),
    ),
  })

  it('leaves alone what fits', () => {
    const status = wide(3, 'short')
    expect(fitted(status)).toBe(status)
  })

  it.each([
    ['one long output', wide(1, 'é'.repeat(500_000))],
    ['a hundred outputs', wide(100, 'x'.repeat(20_000))],
    ['more places than there is room for', wide(10_000, 'x'.repeat(200))],
    ['more failed places than there is room for', wide(10_000, 'x'.repeat(200), 'Failed')],
  ])('makes %s small enough', (_, status) => {
    const small = fitted(status)
    expect(sizeOf(small)).toBeLessThanOrEqual(mostBytes)
    expect(small.message).toMatch(/^It broke/)
    expect(Object.keys(small.taskrunNodeStatus ?? {}).length).toBeGreaterThan(0)
  })

  it('keeps the beginning and the end of a text, and says how much is missing', () => {
    const { taskrunNodeStatus } = fitted(wide(1, `begin${'x'.repeat(500_000)}end`))
    const [node] = Object.values(taskrunNodeStatus ?? {})
    expect(node?.taskRunStep?.[0]?.stepOutput).toMatch(/^beginx+\n… \d+ characters left out …\nx+end$/)
  })

  it('leaves out what went well before what did not', () => {
    const { taskrunNodeStatus, message } = fitted(wide(10_000, 'x'.repeat(200)))
    expect(taskrunNodeStatus?.['node-9999']?.taskRunStep).toHaveLength(1)
    expect(message).toMatch(/of 10000 places do not fit in here$/)
  })
})
