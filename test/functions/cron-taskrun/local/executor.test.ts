import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { localExecutor } from '../../../../functions/cron-taskrun/local/executor.ts'
import type { PreparedStep } from '../../../../functions/cron-taskrun/script/step.ts'
import { executorContract } from '../executor-contract.ts'
import { processesWith } from '../processes.ts'
import { newRun, placeOf, step, workOf } from '../work.ts'

const dir = mkdtempSync(join(tmpdir(), 'ops-events-local-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const open = (more: { env?: Record<string, unknown>; most?: number } = {}) =>
  localExecutor({ hostname: 'here', env: process.env, now: () => new Date(), ...more })
const report = async (steps: PreparedStep[], executor = open()) =>
  placeOf(await executor.start(workOf(['here'], steps)))
const printed = async (...given: Parameters<typeof report>) => (await report(...given)).steps[0]?.output

describe('the local executor', () => {
  executorContract({ executor: () => open(), place: 'here' })

  it('is here, and nowhere else', async () => {
    const places = (host: string | undefined) =>
      open().places({ run: newRun(), task: { steps: [{}], privileged: false }, host })
    for (const host of [undefined, 'here', 'localhost', 'all', 'anynode', 'anymaster', 'allworkers'])
      expect(await places(host)).toEqual([{ name: 'here' }])
    expect(await places('web-1')).toEqual({
      problem: '"web-1" is not here: without a cluster steps run on "here", and by SSH on Hosts',
    })
  })

  it('gives steps nothing of our own environment but PATH, HOME, LANG and TZ', async () => {
    const own = {
      ...process.env,
      LANG: 'C.UTF-8',
      TZ: 'UTC',
      SERVER_TOKEN: 'ours',
      REDIS_URL: 'redis://ours',
    }
    const names = (await printed([step('one', 'env | cut -d = -f 1 | sort')], open({ env: own })))?.trim()
    expect(names?.split('\n').filter(name => !['_', 'PWD', 'OLDPWD', 'SHLVL'].includes(name))).toEqual([
      ...['HOME', 'HOSTNAME', 'LANG', 'OPSSERVER_ENDPOINT', 'OPS_EVENTS_RUN', 'PATH', 'TASK', 'TMPDIR', 'TZ'],
    ])
  })

  it('runs a script in a folder that only we may read, and that is gone afterwards', async () => {
    const said = await printed([step('one', 'pwd; stat -c "%a %n" "$(dirname "$0")" "$0"; cat <&0')])
    const [inside = '', ...modes] = said?.trim().split('\n') ?? []
    const folder = dirname(inside)
    expect(modes).toEqual([`700 ${folder}`, `600 ${folder}/script`])
    expect(existsSync(folder)).toBe(false)
  })

  it('lets steps leave each other files of any name', async () => {
    const place = await report([
      step('one', 'echo a > script; mkdir output; echo b > output/b; mktemp > name'),
      step('two', 'cat script output/b; rm "$(cat name)"'),
    ])
    expect(place).toMatchObject({
      runStatus: 'Successed',
      steps: [{}, { output: expect.stringMatching(/^a\nb\n?$/) }],
    })
  })

  it('says which interpreter is not executable', async () => {
    const odd = join(dir, 'odd')
    writeFileSync(odd, '#!/bin/sh\n')
    chmodSync(odd, 0o644)
    const why = `step "one" cannot be run: ${odd} is not executable`
    expect(await report([step('one', '', { interpreter: [odd] })])).toMatchObject({ message: why })
    expect(
      await report([step('one', '', { interpreter: ['odd'] })], open({ env: { PATH: dir } })),
    ).toMatchObject({
      message: why,
    })
  })

  it.each([
    ['a\0b', 'variable "VALUE" has a NUL in it, which no environment takes'],
    [
      'x'.repeat(200_000),
      'its environment is larger than this system takes: a variable or an output is too long',
    ],
  ])('says what cannot be handed to a process: %.5s', async (value, why) => {
    const work = workOf(['here'], [step('one', 'true')])
    for (const at of work.at) at.env.VALUE = value
    expect(placeOf(await open().start(work)).message).toBe(`step "one" cannot be run: ${why}`)
  })

  it('lets only some runs go on at once, and ends one that waits when it is stopped', async () => {
    const executor = open({ most: 1 })
    const gate = join(dir, 'gate')
    const first = workOf(['here'], [step('one', `while [ ! -e ${gate} ]; do sleep 0.05; done`)])
    const second = workOf(['here'], [step('one', `touch ${join(dir, 'second')}`)])
    const [one, two] = [executor.start(first), executor.start(second)]
    await executor.stop(second.run, 'nobody wants it')
    expect(placeOf(await two)).toMatchObject({
      runStatus: 'Aborted',
      message: 'nobody wants it before step "one"',
      steps: [],
    })
    expect(await executor.look(first.run)).toEqual({ state: 'running' })
    writeFileSync(gate, '')
    expect(placeOf(await one)).toMatchObject({ runStatus: 'Successed' })
    expect(existsSync(join(dir, 'second'))).toBe(false)
  })

  it('kills what a run of another process left behind, before it says that it is lost', async () => {
    const run = newRun()
    const tag = randomUUID()
    spawn('setsid', ['sh', '-c', `sleep 300; : ${tag}`], {
      env: { PATH: process.env.PATH, OPS_EVENTS_RUN: run.metadata.uid },
      stdio: 'ignore',
    })
    await expect.poll(() => processesWith(tag).length).toBeGreaterThan(0)
    expect(await open().look(run)).toMatchObject({ state: 'lost' })
    await expect.poll(() => processesWith(tag)).toEqual([])
  })

  it('is killed with all that its steps started, whatever session that is in', async () => {
    const tag = randomUUID()
    const file = join(dir, 'folder')
    const text = `pwd > ${file}; sh -c 'sleep 300; : ${tag} a' & setsid sh -c 'sleep 300; : ${tag} b' & : ${tag}; wait`
    const parent = spawn(process.execPath, [fileURLToPath(new URL('parent.ts', import.meta.url)), text], {
      stdio: 'ignore',
    })
    // Itself, and the two.
    await expect.poll(() => processesWith(tag).length).toBe(3)
    const folder = readFileSync(file, 'utf8').trim()
    expect(existsSync(folder)).toBe(true)
    parent.kill('SIGKILL')
    await expect.poll(() => processesWith(tag)).toEqual([])
    await expect.poll(() => existsSync(folder)).toBe(false)
  })
})
