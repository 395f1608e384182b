import { mkdtempSync, readFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { localExecutor } from '../../../functions/cron-taskrun/local/executor.ts'
import { carryOutAll } from '../../../functions/cron-taskrun/order.ts'
import { turns } from '../../../functions/cron-taskrun/steps/turns.ts'
import type { World } from '../../../functions/cron-taskrun/world.ts'
import type { Order } from '../../../shared/orders.ts'
import { mortal } from './mortal.ts'
import { drafts, ownRig } from './rig.ts'

// Every deed of a process by which others see that it did something: it dies right before and right after each.

const dir = mkdtempSync(join(tmpdir(), 'anywhere-'))
const ran = (mark: string): number => {
  try {
    return readFileSync(mark, 'utf8').trim().split('\n').length
  } catch {
    // Nobody wrote into it.
    return 0
  }
}
const when = ['before', 'after'] as const

describe('a process that dies anywhere', async () => {
  const rig = await ownRig()

  /** As another process has it: it knows nothing of the runs of the one before. */
  const another = (): World => {
    const local = localExecutor({ hostname: hostname(), env: process.env, now: () => new Date() })
    return { ...rig.world, turn: turns(16), executor: async name => (name === 'local' ? local : undefined) }
  }

  /** Gives the order to a process that dies, then to others until it is done. What the first one did. */
  async function survived(
    order: Order,
    nth: number,
    moment: (typeof when)[number],
  ): Promise<string[] | undefined> {
    const one = mortal(another(), nth, moment)
    const carried = carryOutAll(one.world)([rig.eventOf(order)])
    const died = await Promise.race([one.died.then(() => true), carried.then(() => false)])
    if (!died) return undefined
    await expect
      .poll(async () => (await carryOutAll(another())([rig.eventOf(order)]))[0], { timeout: 10_000 })
      .toEqual({ kind: 'done' })
    return one.deeds
  }

  it.each(when)('%s a deed of a run: it ends once, and its script runs once at most', async moment => {
    const told: string[] = []
    for (let nth = 0; ; nth++) {
      const name = `run-${moment}-${nth}`
      const mark = join(dir, name)
      const content = `echo x >> ${mark}\necho 'OPS_FINDING:{"status":"alerting"}'`
      await rig.make(drafts.task(name, [{ name: 'work', content }]))
      const run = await rig.make(drafts.taskRun(name, name))
      const deeds = await survived({ order: 'start', ...rig.about(run), kind: 'TaskRun' }, nth, moment)
      const { status } = await rig.get('TaskRun', name)
      expect(ran(mark)).toBeLessThanOrEqual(1)
      expect(await rig.world.tokens.find(run.metadata.uid)).toBeUndefined()
      if (status.runStatus === 'Successed') expect(ran(mark)).toBe(1)
      if (!deeds) break
      told.push(`${deeds.at(-1)}: ${status.runStatus}`)
      const found = rig.published.filter(event => JSON.stringify(event).includes(`"kind":"${name}"`))
      expect(new Set(found.map(({ id }) => id)).size).toBeLessThanOrEqual(1)
    }
    expect(told).toEqual(
      moment === 'before'
        ? [
            'put status: Successed',
            'keep token: Aborted',
            'start: Aborted',
            'publish: Aborted',
            'put status: Aborted',
            'drop token: Successed',
          ]
        : [
            'put status: Aborted',
            'keep token: Aborted',
            'start: Aborted',
            'publish: Aborted',
            'put status: Successed',
            'drop token: Successed',
          ],
    )
  })

  it.each(when)(
    '%s a deed of a due time: it makes one run, whatever is left of the old ones',
    async moment => {
      for (let nth = 0; ; nth++) {
        const name = `due-${moment}-${nth}`
        await rig.objects.create(drafts.task('anything', [{ content: 'echo x' }]))
        const parent = await rig.make(
          drafts.taskRun(name, 'anything', {
            crontab: '* * * * *',
            concurrencyPolicy: 'Replace',
            failedRunsHistoryLimit: 0,
          }),
        )
        const at = (minute: string): Order => ({
          ...{ order: 'due', ...rig.about(parent), kind: 'TaskRun' },
          due: `2026-01-31T12:${minute}:00Z`,
        })
        await rig.give(at('00'))
        const deeds = await survived(at('01'), nth, moment)
        const children = await rig.objects.list('TaskRun', { labels: { 'ops/scheduledby': name } })
        expect(children.filter(({ status }) => status.runStatus === undefined)).toMatchObject([
          { metadata: { annotations: { 'ops/due': '2026-01-31T12:01:00Z' } } },
        ])
        expect((await rig.get('TaskRun', name)).status.lastScheduleTime).toBe('2026-01-31T12:01:00Z')
        if (!deeds) break
      }
    },
  )

  it.each(when)('%s a deed of replacing a pipeline: nothing of the old one goes on', async moment => {
    await rig.objects.create(drafts.task('step', [{ content: 'echo x' }]))
    for (let nth = 0; ; nth++) {
      const name = `replace-${moment}-${nth}`
      await rig.make(drafts.pipeline(name, [{ name: 'a', taskRef: 'step' }]))
      const parent = await rig.make(
        drafts.pipelineRun(name, name, { crontab: '* * * * *', concurrencyPolicy: 'Replace' }),
      )
      const at = (minute: string): Order => ({
        ...{ order: 'due', ...rig.about(parent), kind: 'PipelineRun' },
        due: `2026-01-31T12:${minute}:00Z`,
      })
      const labels = { 'ops/scheduledby': name }
      await rig.give(at('00'))
      const [old] = await rig.objects.list('PipelineRun', { labels })
      if (old) await rig.give({ order: 'start', ...rig.about(old), kind: 'PipelineRun' })
      const deeds = await survived(at('01'), nth, moment)
      const states = (await rig.objects.list('PipelineRun', { labels })).map(({ status }) => status.runStatus)
      expect(states.sort()).toEqual(['Aborted', undefined])
      const parts = await rig.objects.list('TaskRun', {
        labels: { 'ops/pipelinerun': old?.metadata.name ?? '' },
      })
      expect(parts.map(({ status }) => status.runStatus)).toEqual(['Aborted'])
      if (!deeds) break
    }
  })

  it.each(when)('%s a deed of a pipeline: each of its tasks is made once', async moment => {
    await rig.objects.create(drafts.task('step', [{ content: 'echo x' }]))
    for (let nth = 0; ; nth++) {
      const name = `pipe-${moment}-${nth}`
      await rig.make(
        drafts.pipeline(name, [
          { name: 'a', taskRef: 'step' },
          { name: 'b', taskRef: 'step' },
        ]),
      )
      const run = await rig.make(drafts.pipelineRun(name, name))
      const deeds = await survived({ order: 'start', ...rig.about(run), kind: 'PipelineRun' }, nth, moment)
      expect((await rig.get('PipelineRun', name)).status).toMatchObject({
        runStatus: 'Running',
        pipelineRunStatus: [{ name: 'a' }],
      })
      expect((await rig.follow(name)).at(-1)).toBe('Successed a:Successed b:Successed')
      if (!deeds) break
    }
  })
})
