import type { Stored } from '../../../shared/objects.ts'
import type { Order } from '../../../shared/orders.ts'
import { done, type Outcome, retry } from '../../../shared/outcome.ts'
import { hasEnded } from '../../../shared/runs.ts'
import { stopTask } from '../abort.ts'
import type { Report } from '../executor.ts'
import type { World } from '../world.ts'
import { find } from './find.ts'
import { endingOf, finish, tidy } from './finish.ts'
import { underWay } from './verdict.ts'

/** Who holds a run ends it at its deadline by itself, and has so long to write that down. */
const grace = 60_000
const nextLook = 10_000

/** Ends a run that is past its deadline, unless it has ended by itself. */
export async function overdue(order: Extract<Order, { order: 'overdue' }>, world: World): Promise<Outcome> {
  const run = await find({ ...order, kind: 'TaskRun' as const }, world)
  if (!run?.status.runStatus) return done
  if (hasEnded(run.status)) return tidy(run, world)
  const late = world.now().getTime() - Date.parse(run.status.deadline ?? run.metadata.creationTimestamp)
  if (late < 0) return retry('Its deadline is yet to come', { attempted: false, after: 1_000 - late })
  if (late < grace && (await world.holders.isHeld(run.metadata.uid)))
    return retry('Whoever runs it is about to end it', { attempted: false, after: nextLook })

  const { executor: name } = run.status
  const executor = name && (await world.executor(name))
  const report: Report = (await executor?.look(run)) ?? { state: 'running' }
  if (report.state !== 'running') return finish(run, endingOf(report), world)
  const where = underWay(report.at)
  const because = {
    runStatus: 'Failed' as const,
    message: `It had not ended by its deadline${where && `: ${where} was still running`}`,
  }
  // A process that runs it would not let itself be stopped by the executor of another one.
  if (name !== 'kubernetes') await stopTask(run, because.message, world)
  return finish(run, { places: report.places ?? [], because }, world)
}

/** Stops what is left of a run that was deleted while it ran. */
export async function gone(order: Extract<Order, { order: 'gone' }>, world: World): Promise<Outcome> {
  const { uid } = order
  await world.holders.stop(uid, 'It was deleted')
  await world.tokens.drop(uid)
  const run = remains(order)
  for (const name of ['kubernetes', 'local', 'ssh'] as const) {
    const executor = await world.executor(name)
    await executor?.stop(run, 'It was deleted')
  }
  return done
}

/** What is still known of a run that is gone: enough to find what was made for it. */
const remains = ({ namespace, name, uid }: Extract<Order, { order: 'gone' }>): Stored<'TaskRun'> => ({
  kind: 'TaskRun',
  metadata: {
    ...{ namespace, name, uid },
    resourceVersion: '0',
    generation: 0,
    creationTimestamp: new Date(0).toISOString(),
    ...{ labels: {}, annotations: {}, ownerReferences: [] },
  },
  spec: { taskRef: 'gone', suspend: false, concurrencyPolicy: 'Forbid' },
  status: {},
})
