import { hostname } from 'node:os'
import { describe, expect, it } from 'vitest'
import type { Executor, Report } from '../../../../functions/cron-taskrun/executor.ts'
import { drafts, ownRig } from '../rig.ts'

const host = hostname()

describe('a run past its deadline', async () => {
  const rig = await ownRig()

  async function late(name: string, report: Report, more: object = {}) {
    const run = await rig.make(drafts.taskRun(name, 'check'))
    await rig.objects.putStatus(run, {
      ...{ runStatus: 'Running', executor: 'kubernetes', deadline: '2026-01-31T12:00:00Z' },
      ...more,
    })
    const stopped: string[] = []
    const executor: Executor = {
      places: async () => [],
      start: async () => ({ state: 'running' }),
      look: async () => report,
      stop: async (_, why) => {
        stopped.push(why)
      },
    }
    const order = { order: 'overdue', ...rig.about(run), kind: 'TaskRun' } as const
    const give = () => rig.give(order, { executor: async () => executor })
    return { give, stopped, run, status: async () => (await rig.get('TaskRun', name)).status }
  }

  it('fails with the step and the place named, and is stopped', async () => {
    const { give, stopped, status } = await late('slow', {
      state: 'running',
      at: [{ place: 'n1', step: 'copy' }],
    })
    expect(await give()).toEqual({ kind: 'done' })
    expect(await status()).toMatchObject({
      runStatus: 'Failed',
      message: 'It had not ended by its deadline: step "copy" on "n1" was still running',
    })
    expect(stopped).toHaveLength(1)
    await give()
    expect(stopped, 'told again, what is left of it goes again').toHaveLength(2)
  })

  it('has gone well when it has ended after all', async () => {
    const at = '2026-01-31T12:00:00Z'
    const report: Report = {
      state: 'ended',
      places: [
        {
          ...{ place: 'n1', runStatus: 'Successed', startTime: at, completionTime: at },
          steps: [{ name: 'a', status: 'Successed', output: '', results: {}, findings: [] }],
        },
      ],
    }
    const { give, status } = await late('ended', report)
    await give()
    expect((await status()).runStatus).toBe('Successed')
  })

  it('is aborted when what ran it is gone', async () => {
    const { give, status } = await late('lost', {
      state: 'lost',
      reason: 'There is no Job of it any more',
      places: [],
    })
    await give()
    expect(await status()).toMatchObject({ runStatus: 'Aborted', message: 'There is no Job of it any more' })
  })

  it('is left alone before its deadline', async () => {
    const deadline = new Date(Date.now() + 60_000).toISOString()
    const { give, status } = await late('early', { state: 'running' }, { deadline })
    expect(await give()).toMatchObject({ kind: 'retry', attempted: false })
    expect((await status()).runStatus).toBe('Running')
  })

  it('is ended by whoever holds it, who is given the time', async () => {
    const deadline = new Date(Date.now() - 1_000).toISOString()
    const { give, run } = await late('held', { state: 'running' }, { deadline, executor: 'local' })
    const held = await rig.world.holders.hold(run.metadata.uid, () => {})
    expect(await give()).toMatchObject({ kind: 'retry', attempted: false })
    held.letGo()
    expect(await give()).toEqual({ kind: 'done' })
  })

  it('is ended by itself where its steps take longer than they may', async () => {
    const { status } = await rig.run('hang', [{ name: 'hang', content: 'sleep 30', timeoutSeconds: 1 }])
    expect(status).toMatchObject({
      runStatus: 'Failed',
      message: expect.stringContaining(`Step "hang" on "${host}"`),
    })
  })
})

describe('a run that is told to stop while its Jobs are made', async () => {
  const rig = await ownRig()

  it('is stopped once all of them are there', async () => {
    await rig.make(drafts.task('slow', [{ content: 'echo x' }]))
    const run = await rig.make(drafts.taskRun('slow', 'slow'))
    const deeds: string[] = []
    let go = () => {}
    const executor: Executor = {
      places: async () => [{ name: 'n1' }],
      async start() {
        await new Promise<void>(resolve => {
          go = resolve
        })
        deeds.push('started')
        return { state: 'running' }
      },
      look: async () => ({ state: 'running' }),
      async stop(_, why) {
        deeds.push(why)
        go()
      },
    }
    const settings = { ...rig.world.settings, inCluster: true }
    const order = { order: 'start', ...rig.about(run), kind: 'TaskRun' } as const
    const started = rig.give(order, { settings, executor: async () => executor })
    await expect.poll(() => rig.world.holders.isHeld(run.metadata.uid)).toBe(true)
    await expect.poll(async () => (await rig.get('TaskRun', 'slow')).status.runStatus).toBe('Running')
    await rig.world.holders.stop(run.metadata.uid, 'Replaced')
    await started
    expect(deeds).toEqual(['Replaced', 'started', 'Replaced'])
  })
})

describe('a run that was deleted while it ran', async () => {
  const rig = await ownRig()

  it('is stopped, and its token is good for nothing any more', async () => {
    await rig.make(drafts.task('long', [{ content: 'sleep 60' }]))
    const run = await rig.make(drafts.taskRun('long', 'long'))
    const started = rig.give({ order: 'start', ...rig.about(run), kind: 'TaskRun' })
    await expect.poll(() => rig.world.tokens.find(run.metadata.uid)).toBeDefined()
    await rig.objects.remove(run)
    expect(await rig.give({ order: 'gone', ...rig.about(run), kind: 'TaskRun' })).toEqual({ kind: 'done' })
    expect(await started).toEqual({ kind: 'done' })
    expect(await rig.world.tokens.find(run.metadata.uid)).toBeUndefined()
  })
})
