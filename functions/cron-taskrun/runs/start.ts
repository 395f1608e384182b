import { messageOf } from '../../../shared/log.ts'
import type { Stored } from '../../../shared/objects.ts'
import type { Order } from '../../../shared/orders.ts'
import { done, type Outcome, retry } from '../../../shared/outcome.ts'
import { hasEnded } from '../../../shared/runs.ts'
import type { World } from '../world.ts'
import { runningStatus } from './claim.ts'
import { find } from './find.ts'
import { concluded, endingOf, finish, idOfRun, insist, tidy } from './finish.ts'
import { watchOver } from './held.ts'
import { type Plan, planOf } from './plan.ts'
import { type Ending, withoutReports } from './status.ts'
import { takeUp } from './take-up.ts'
import { workOf } from './work.ts'

const mostTurns = 10

/** Starts a run, or finds out what became of one that was started before. Never starts one twice. */
export async function start(order: Extract<Order, { order: 'start' }>, world: World): Promise<Outcome> {
  let leave: (() => void) | undefined
  try {
    for (let turn = 0; turn < mostTurns; turn++) {
      const run = await find({ ...order, kind: 'TaskRun' as const }, world)
      if (!run || run.spec.crontab || run.metadata.deletionTimestamp) return done
      if (hasEnded(run.status)) return await tidy(run, world)
      if (run.status.runStatus === 'Running') return await takeUp(run, world)
      const plan = await planOf(run, world)
      if ('wait' in plan) return retry(plan.wait, { attempted: false, after: 2_000 })
      if ('runStatus' in plan) {
        if (await refused(run, plan, world)) return done
        continue
      }
      if (plan.name !== 'kubernetes' && !leave) {
        // Unclaimed as long as it waits: whoever is free may take it, and its deadline counts from its start.
        leave = await world.turn()
        continue
      }
      const outcome = await begin(run, plan, world)
      if (outcome) return outcome
    }
  } finally {
    leave?.()
  }
  return retry(`Others write the status of ${order.namespace}/${order.name}, ${mostTurns} times in a row`)
}

/** False where somebody else wrote its status first. */
async function refused(
  run: Stored<'TaskRun'>,
  plan: { runStatus: 'DataInValid' | 'Failed'; message: string },
  { objects, now, log }: World,
): Promise<boolean> {
  if (!(await objects.putStatus(run, withoutReports(run.status, plan, now())))) return false
  log.info({ run: idOfRun(run), ...plan }, 'Run ended')
  return true
}

/** Undefined: somebody else wrote its status first. */
async function begin(run: Stored<'TaskRun'>, plan: Plan, world: World): Promise<Outcome | undefined> {
  let told: string | undefined
  const stop = (why: string) => plan.executor.stop(run, why)
  const held = await world.holders.hold(run.metadata.uid, why => {
    told = why
    void stop(why).catch(ignored(run, world))
  })
  try {
    const claimed = await world.objects.putStatus(run, runningStatus(run.status, plan, world.now()))
    if (!claimed) return undefined
    world.log.info({ run: idOfRun(run), executor: plan.name, places: plan.work.at.length }, 'Run started')
    if (plan.name !== 'kubernetes') return await world.here.during(stop, () => runHere(claimed, plan, world))
    const report = await plan.executor.start(await workOf(claimed, plan, world))
    // What was made behind the word to stop would run all the same.
    if (told !== undefined) await stop(told)
    return await concluded(claimed, report, world)
  } finally {
    held.letGo()
  }
}

/** Runs it to its end, which nobody else would ever know. */
async function runHere(run: Stored<'TaskRun'>, plan: Plan, world: World): Promise<Outcome> {
  const watch = watchOver(run, plan.executor, world)
  try {
    const ending = await endOf(run, plan, world)
    return await insist(() => finish(run, ending, world), { run: idOfRun(run) }, world)
  } finally {
    watch.end()
  }
}

async function endOf(run: Stored<'TaskRun'>, plan: Plan, world: World): Promise<Ending> {
  try {
    const report = await plan.executor.start(await workOf(run, plan, world))
    return report.state === 'running' ? lostAtOnce : endingOf(report)
  } catch (error) {
    const message = `Cannot start it: ${messageOf(error)}`
    return { places: [], because: { runStatus: 'Aborted', message } }
  }
}

const lostAtOnce: Ending = {
  places: [],
  because: { runStatus: 'Aborted', message: 'What runs it let go of it while it ran' },
}

const ignored =
  (run: Stored<'TaskRun'>, { log }: Pick<World, 'log'>) =>
  (error: unknown) =>
    log.warn({ run: idOfRun(run), err: messageOf(error) }, 'Cannot stop the run')
