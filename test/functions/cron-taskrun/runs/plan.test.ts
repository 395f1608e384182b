import { expect, it } from 'vitest'
import type { Executor } from '../../../../functions/cron-taskrun/executor.ts'
import { planOf } from '../../../../functions/cron-taskrun/runs/plan.ts'
import { drafts, namespace, ownRig } from '../rig.ts'

const { world } = await ownRig()
const { objects } = world

const executorAt = (places: number, atOnce?: number): Executor => ({
  ...(atOnce !== undefined && { atOnce }),
  places: async () => Array.from({ length: places }, (_, n) => ({ name: `h${n}` })),
  start: async () => ({ state: 'running' }),
  look: async () => ({ state: 'running' }),
  stop: async () => {},
})

it.each([
  ['at all places at once', executorAt(20), 40],
  ['at eight of twenty at once', executorAt(20, 8), 120],
])('planOf() gives a run %s the time that its steps may take, and a minute', async (_, executor, seconds) => {
  const now = new Date('2026-01-31T12:00:00Z')
  const name = `planned-${seconds}`
  const steps = [10, 30].map(timeoutSeconds => ({ content: 'true', timeoutSeconds }))
  await objects.create(drafts.task(name, steps, { host: 'all' }))
  await objects.create({
    kind: 'Host',
    metadata: { namespace, name: `host-${seconds}` },
    spec: { address: '192.0.2.1' },
  })
  const made = await objects.create(drafts.taskRun(name, name))
  if (!made) throw new Error('There is such a run already')
  const plan = await planOf(made, { ...world, executor: async () => executor, now: () => now })
  if (!('work' in plan)) throw new Error(JSON.stringify(plan))
  expect(plan.work.deadline.getTime() - now.getTime()).toBe((60 + seconds) * 1000)
})
