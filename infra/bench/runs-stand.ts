import { setTimeout as pause } from 'node:timers/promises'
import { mediaTypes } from '../../shared/cloudevents-http.ts'
import type { Draft, Objects, Stored } from '../../shared/objects.ts'
import { orderEvent } from '../../shared/orders.ts'
import { openStand, type Stand } from './stand.ts'

export const namespace = 'bench'
export const task: Draft<'Task'> = {
  kind: 'Task',
  metadata: { namespace, name: 'nothing' },
  spec: { steps: [{ name: 'nothing', content: 'true' }] },
}

/** A stand with bridge and cron-taskrun; findings go nowhere. */
export async function runsStand(env: Record<string, string> = {}): Promise<Stand> {
  const stand = await openStand()
  const { url } = await stand.door('cron-taskrun', { INGEST_URL: 'http://127.0.0.1:1', ...env })
  await stand.door('bridge', { CRON_TASKRUN_URL: url })
  return stand
}

let made = 0

/** Makes so many runs of the Task, each once or as `crontab` says. */
export async function makeRuns(
  objects: Objects,
  many: number,
  crontab?: string,
): Promise<Stored<'TaskRun'>[]> {
  const runs: Stored<'TaskRun'>[] = []
  for (let left = many; left > 0; left -= atOnce) {
    const some = Array.from({ length: Math.min(left, atOnce) }, () =>
      objects.create({
        kind: 'TaskRun',
        metadata: { namespace, name: `run-${made++}` },
        spec: { taskRef: task.metadata.name, ...(crontab && { crontab }) },
      }),
    )
    runs.push(...(await Promise.all(some)).flatMap(run => run ?? []))
  }
  return runs
}

export const atOnce = 32

/** Orders all of these at once, and waits until that is done. */
export async function startAll(stand: Stand, runs: Stored<'TaskRun'>[]): Promise<void> {
  await Promise.all(
    runs.map(({ kind, metadata: { name, uid } }) => {
      const order = orderEvent(
        { order: 'start', kind, namespace, name, uid },
        { what: 'bench', cluster: 'bench', now: new Date() },
      )
      return stand.publisher.publish({
        ...{ subject: order.subject, payload: JSON.stringify(order), id: order.id },
        headers: { 'content-type': mediaTypes.structured },
      })
    }),
  )
  while ((await stand.jsm.streams.info('runs')).state.messages > 0) await pause(10)
}
