import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import type { Executor, Work } from '../../../functions/cron-taskrun/executor.ts'
import type { Condition } from '../../../functions/cron-taskrun/script/condition.ts'
import { outputName, type PreparedStep } from '../../../functions/cron-taskrun/script/step.ts'
import { processesWith } from './processes.ts'
import { newRun, placeOf, step, workOf } from './work.ts'

const always: Condition = { is: 'constant', value: true }
const never: Condition = { is: 'constant', value: false }

/** What every executor does that runs steps itself. `place` is where; `executor` is called once for each test. */
export function executorContract(given: { executor(): Executor; place: string }): void {
  const start = (steps: PreparedStep[], more: Partial<Work> = {}) =>
    given.executor().start(workOf([given.place], steps, more))
  const report = async (...steps: PreparedStep[]) => placeOf(await start(steps))

  it('runs steps one after the other, and tells what they printed on both streams, in order', async () => {
    const place = await report(step('one', 'echo a; echo b >&2; echo c'), step('two', 'echo d >/dev/stderr'))
    expect(place).toMatchObject({
      place: given.place,
      runStatus: 'Successed',
      steps: [
        { name: 'one', status: 'Successed', output: expect.stringMatching(/^a\nb\nc\n?$/) },
        { name: 'two', status: 'Successed', output: expect.stringMatching(/^d\n?$/) },
      ],
    })
    expect(place.message).toBeUndefined()
    expect(Date.parse(place.completionTime)).toBeGreaterThanOrEqual(Date.parse(place.startTime))
  })

  it('stops after a step that failed, with its exit code', async () => {
    const place = await report(step('one', 'echo a; exit 3'), step('two', 'echo b'))
    expect(place).toMatchObject({ runStatus: 'Failed', message: 'step "one" exited with 3' })
    expect(place.steps).toMatchObject([
      {
        name: 'one',
        status: 'Failed',
        message: 'step "one" exited with 3',
        output: expect.stringMatching(/^a/),
      },
    ])
  })

  it('goes on after a step that may fail, and the run has not failed', async () => {
    const place = await report(step('one', 'exit 3', { allowFailure: always }), step('two', 'echo b'))
    expect(place).toMatchObject({
      runStatus: 'Successed',
      steps: [{ status: 'Failed', message: 'step "one" exited with 3' }, { status: 'Successed' }],
    })
  })

  it('skips a step whose "when" does not hold', async () => {
    const place = await report(
      step('one', 'exit 3', { when: never }),
      step('two', 'echo b', { when: always }),
    )
    expect(place).toMatchObject({
      runStatus: 'Successed',
      steps: [{ status: 'Skipped' }, { status: 'Successed' }],
    })
  })

  it('gives a step what one before it printed', async () => {
    const name = outputName('one')
    const two = step('two', `printf '[%s]' "$${name}"`, { uses: ['one'] })
    const place = await report(step('one', `printf "it's \\$(touch x)\\n\\n"`), two)
    expect(place.steps[1]?.output).toBe("[it's $(touch x)]")
  })

  it('does not run a step that uses more than can be passed on, and says so', async () => {
    const place = await report(
      step('one', 'head -c 1000000 /dev/zero | tr "\\0" a'),
      step('two', 'exit 0', { uses: ['one'] }),
    )
    expect(place).toMatchObject({
      runStatus: 'Failed',
      message: 'step "two" was not run: the output of step "one" is longer than a step can use',
    })
  })

  it('runs python, and says which interpreter is missing', async () => {
    const python = { interpreter: ['python3'], language: 'other' as const }
    const code = 'import os, sys\nprint(os.environ["TASK"], len(sys.argv))\nsys.exit(4)'
    expect(await report(step('one', code, python))).toMatchObject({
      message: 'step "one" exited with 4',
      steps: [{ output: expect.stringMatching(/^check 1\n?$/) }],
    })
    expect(await report(step('one', code, { interpreter: ['python4'] }))).toMatchObject({
      runStatus: 'Failed',
      message: expect.stringMatching(/^step "one" cannot be run: there is no python4 (here|on ".+")$/),
    })
  })

  it('says by which signal a step was killed', async () => {
    expect(await report(step('one', 'kill -SEGV $$'))).toMatchObject({
      runStatus: 'Failed',
      message: 'step "one" was killed by SIGSEGV',
    })
  })

  it('takes an empty script for one that went well', async () => {
    expect(await report(step('one', ''))).toMatchObject({ runStatus: 'Successed' })
  })

  it('keeps a value what it is, whatever is in it', async () => {
    const value = `'"; $(touch x) \`touch y\` ;\n\\ !! #{} %s é 運 \t*`
    const work = workOf([given.place], [step('one', 'printf %s "$VALUE"; ls x y 2>/dev/null; true')])
    for (const at of work.at) at.env.VALUE = value
    expect(placeOf(await given.executor().start(work)).steps[0]?.output).toBe(value)
  })

  it('has the endpoint with its token in the environment, and nowhere in an output', async () => {
    const counted = await report(
      step('one', 'echo "$OPSSERVER_ENDPOINT"; printf %s "$OPSSERVER_ENDPOINT" | wc -c'),
    )
    const [shown] = counted.steps
    expect(shown?.output).toMatch(/^http:\/\/ops:\*\*\*@ingest\.example\n42\n?$/)
    expect(JSON.stringify(shown)).not.toContain('token-of-the-run')
  })

  it('takes 5 MB of output, and bytes that are no text', async () => {
    const many = await report(
      step('large', 'head -c 5000000 /dev/zero | tr "\\0" a'),
      step('binary', 'head -c 300000 /dev/urandom; printf end'),
    )
    expect(many).toMatchObject({
      runStatus: 'Successed',
      steps: [{ status: 'Successed' }, { status: 'Successed' }],
    })
    expect(many.steps[0]?.output.length).toBeGreaterThan(1_000)
    expect(many.steps[0]?.output.length).toBeLessThan(1_000_000)
    expect(many.steps[1]?.output).toMatch(/end$/)
  })

  it('ends a step at its time limit, with all that it started, and one that ignores SIGTERM too', async () => {
    const tag = randomUUID()
    const stubborn = `trap '' TERM; echo begun; sh -c 'sleep 300; : ${tag}' & sleep 300; sleep 300`
    const place = await report(step('one', stubborn, { timeoutSeconds: 1 }), step('two', 'echo b'))
    expect(place).toMatchObject({
      runStatus: 'Failed',
      message: 'step "one" was still running after 1 s',
      steps: [{ status: 'Failed', output: expect.stringMatching(/^begun/) }],
    })
    await expect.poll(() => processesWith(tag)).toEqual([])
  })

  it('ends a step that floods its output at its time limit', async () => {
    const place = await report(step('one', 'yes flood', { timeoutSeconds: 1 }))
    expect(place).toMatchObject({ message: 'step "one" was still running after 1 s' })
  })

  it('does not wait for what a step leaves behind, and ends that', async () => {
    const tag = randomUUID()
    const began = Date.now()
    const place = await report(
      step('one', `sh -c 'sleep 300; : ${tag}' & setsid sh -c 'sleep 300; : ${tag}' & echo over`),
    )
    expect(place).toMatchObject({
      runStatus: 'Successed',
      steps: [{ output: expect.stringMatching(/^over\n?$/) }],
    })
    expect(Date.now() - began).toBeLessThan(20_000)
    await expect.poll(() => processesWith(tag)).toEqual([])
  })

  it('ends at the deadline of the run', async () => {
    const ended = await start([step('one', 'sleep 300')], { deadline: new Date(Date.now() + 1_000) })
    expect(placeOf(ended)).toMatchObject({
      runStatus: 'Failed',
      message: 'step "one" was ended: the deadline of the run passed',
    })
  })

  it('is stopped, and says why', async () => {
    const executor = given.executor()
    const work = workOf([given.place], [step('one', 'sleep 300'), step('two', 'echo b')])
    const started = executor.start(work)
    await expect.poll(() => executor.look(work.run)).toEqual({ state: 'running' })
    await executor.stop(work.run, 'another one took its place')
    expect(placeOf(await started)).toMatchObject({ runStatus: 'Aborted' })
    expect(placeOf(await started).message).toContain('another one took its place')
    expect(await executor.look(work.run)).toEqual(await started)
  })

  it('runs a run once, however often it is started', async () => {
    const executor = given.executor()
    const work = workOf([given.place], [step('one', 'cat /proc/sys/kernel/random/uuid')])
    const [first, second] = await Promise.all([executor.start(work), executor.start(work)])
    expect(placeOf(first).steps[0]?.output).toMatch(/^[0-9a-f-]{36}\n?$/)
    expect(second).toEqual(first)
    expect(await executor.start(work)).toEqual(first)
  })

  it('knows nothing of a run that another process ran', async () => {
    expect(await given.executor().look(newRun())).toEqual({
      state: 'lost',
      reason: 'cron-taskrun was ended while it ran it',
      places: [],
    })
    await given.executor().stop(newRun(), 'it is overdue')
  })
}
