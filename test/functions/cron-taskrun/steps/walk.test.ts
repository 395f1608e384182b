import { describe, expect, it } from 'vitest'
import type { Condition } from '../../../../functions/cron-taskrun/script/condition.ts'
import { stopped } from '../../../../functions/cron-taskrun/steps/cut.ts'
import type { Ended } from '../../../../functions/cron-taskrun/steps/told.ts'
import { type Script, walk } from '../../../../functions/cron-taskrun/steps/walk.ts'
import { step, workOf } from '../work.ts'

const now = () => new Date('2026-11-21T12:00:00Z')
const outputIs = (name: string, text: string): Condition => ({
  is: 'equal',
  left: { step: name },
  right: { text },
})
const noNumber: Condition = { is: 'less', left: { text: 'many' }, right: { text: '1' } }

/** Walks through steps whose scripts end as told, by their texts; each prints its text. */
async function through(ends: Record<string, Ended>, steps: ReturnType<typeof step>[], signal?: AbortSignal) {
  const ran: Script[] = []
  const work = workOf(['here'], steps)
  const [at] = work.at
  if (!at) throw new Error('There is a place')
  const report = await walk(at, {
    work,
    now,
    signal: signal ?? new AbortController().signal,
    async run(script, { push }) {
      ran.push(script)
      push(Buffer.from(script.text))
      return ends[script.text] ?? { code: 0 }
    },
  })
  return { report, ran }
}

describe('walk()', () => {
  it('goes by what earlier steps printed', async () => {
    const { report } = await through({}, [
      step('one', 'a'),
      step('two', 'b', { when: outputIs('one', 'a'), uses: ['one'] }),
      step('three', 'c', { when: outputIs('two', 'a'), uses: ['two'] }),
      step('four', 'd', { when: outputIs('three', ''), uses: ['three'] }),
    ])
    expect(report.steps.map(({ name, status }) => `${name} ${status}`)).toEqual([
      ...['one Successed', 'two Successed', 'three Skipped', 'four Successed'],
    ])
    expect(report.steps[2]?.message).toBe('its "when" does not hold')
  })

  it('fails where a condition cannot be told', async () => {
    expect((await through({}, [step('one', 'a', { when: noNumber })])).report).toMatchObject({
      runStatus: 'Failed',
      message: expect.stringMatching(/^step "one" was not run: its "when" cannot be told: .*many/),
    })
    const may = step('one', 'a', { allowFailure: noNumber })
    expect((await through({ a: { code: 2 } }, [may])).report).toMatchObject({
      runStatus: 'Failed',
      message: expect.stringMatching(/^step "one" exited with 2; its "allowfailure" cannot be told: .*many/),
    })
  })

  it('lets a step fail whose "allowfailure" holds, whatever it failed of', async () => {
    const may = { allowFailure: outputIs('one', 'a'), uses: ['one'] }
    const ends = {
      b: { signal: 'SIGKILL' },
      c: { code: 0, cut: true as const },
      d: { problem: 'there is no x here' },
    }
    const steps = [step('one', 'a'), step('two', 'b', may), step('three', 'c', may), step('four', 'd', may)]
    const { report } = await through(ends, steps)
    expect(report.runStatus).toBe('Successed')
    expect(report.steps.map(({ message }) => message)).toEqual([
      undefined,
      'step "two" was killed by SIGKILL',
      'step "three" was still running after 30 s',
      'step "four" cannot be run: there is no x here',
    ])
  })

  it('takes what was not run for a step that printed nothing', async () => {
    const odd = step('one', 'a', { when: noNumber, allowFailure: { is: 'constant', value: true } })
    const { report, ran } = await through({}, [odd, step('two', 'b', { uses: ['one'] })])
    expect(report).toMatchObject({
      runStatus: 'Successed',
      steps: [{ status: 'Failed' }, { status: 'Successed' }],
    })
    expect(ran[0]?.env.OPS_STEPS_ONE_OUTPUT).toBe('')
  })

  it('does not go on where the place is lost, though the step may fail', async () => {
    const may = step('one', 'a', { allowFailure: { is: 'constant', value: true } })
    const { report, ran } = await through({ a: { problem: 'it is away', lost: true } }, [
      may,
      step('two', 'b'),
    ])
    expect(report).toMatchObject({ runStatus: 'Failed', message: 'step "one" was lost: it is away' })
    expect(ran).toHaveLength(1)
  })

  it('begins nothing after it was stopped', async () => {
    const over = AbortSignal.abort(stopped('another one took its place'))
    expect(await through({}, [step('one', 'a')], over)).toMatchObject({
      report: { runStatus: 'Aborted', message: 'another one took its place before step "one"', steps: [] },
      ran: [],
    })
  })

  it('has the environment of the place, of the step, and the endpoint', async () => {
    const { ran } = await through({}, [
      step('one', 'a'),
      step('two', 'b', { env: { OPS_VAR_1: 'x' }, uses: ['one'] }),
    ])
    expect(ran[1]?.env).toEqual({
      HOSTNAME: 'here',
      TASK: 'check',
      OPS_VAR_1: 'x',
      OPS_STEPS_ONE_OUTPUT: 'a',
      OPSSERVER_ENDPOINT: 'http://ops:token-of-the-run@ingest.example',
    })
  })
})
