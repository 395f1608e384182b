import type { Stored } from '../../../shared/objects.ts'
import type { Order } from '../../../shared/orders.ts'
import { done, type Outcome, retry } from '../../../shared/outcome.ts'
import { hasEnded } from '../../../shared/runs.ts'
import type { Report } from '../executor.ts'
import type { World } from '../world.ts'
import { find } from './find.ts'
import { concluded, idOfRun, tidy } from './finish.ts'
import { planOf } from './plan.ts'
import { workOf } from './work.ts'

const nextLook = 5_000
/** For so long a holder may be out of NATS' sight and at work all the same: NATS itself may have been away. */
const outOfSight = 3_000

/** A Job of a run has ended, or is gone. */
export async function ended(order: Extract<Order, { order: 'ended' }>, world: World): Promise<Outcome> {
  const run = await find(order, world)
  if (!run?.status.runStatus) return done
  if (hasEnded(run.status)) return tidy(run, world)
  // Its other Jobs may not be there yet.
  if (await world.holders.isHeld(run.metadata.uid)) return twin(run)
  return look(run, world)
}

const twin = (run: Stored<'TaskRun'>): Outcome =>
  retry(`Another process is at work on run "${idOfRun(run)}"`, { attempted: false, after: nextLook })

/** Finds out what became of a run that was claimed by a process which has not answered for it. */
export async function takeUp(run: Stored<'TaskRun'>, world: World): Promise<Outcome> {
  const { uid } = run.metadata
  if (await world.holders.isHeld(uid)) return twin(run)
  if (run.status.executor === 'kubernetes') return startAgain(run, world)
  await world.pause(outOfSight)
  if (await world.holders.isHeld(uid)) return twin(run)
  return look(run, world)
}

/** Jobs that are there stay as they are, and those that the first start did not come to are made. */
async function startAgain(run: Stored<'TaskRun'>, world: World): Promise<Outcome> {
  const plan = await planOf(run, world)
  if (!('executor' in plan) || plan.name !== 'kubernetes') return look(run, world)
  const held = await world.holders.hold(run.metadata.uid, () => {})
  try {
    const report = await plan.executor.start(await workOf(run, plan, world))
    // What had ended before all of them were there was told too early.
    return report.state === 'running' ? await look(run, world) : await concluded(run, report, world)
  } finally {
    held.letGo()
  }
}

async function look(run: Stored<'TaskRun'>, world: World): Promise<Outcome> {
  const executor = run.status.executor && (await world.executor(run.status.executor))
  const report: Report = executor
    ? await executor.look(run)
    : { state: 'lost', reason: `Nothing here runs Tasks by ${run.status.executor ?? 'nothing'}`, places: [] }
  return concluded(run, report, world)
}
