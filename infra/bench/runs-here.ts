import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { objectsInKv } from '../../shared/adapters/objects/kv.ts'
import type { Objects } from '../../shared/objects.ts'
import { meter } from './cpu.ts'
import { type Effort, interleaved, type Sample } from './rounds.ts'
import { makeRuns, runsStand, startAll, task } from './runs-stand.ts'
import type { Stand } from './stand.ts'

/** So many shells at once as cron-taskrun runs. */
const shellsAtOnce = 16

/** Runs of one step on this machine, from their orders to their final status; and plain shells, as many at once. */
export async function runsHere(many: number, effort: Effort): Promise<{ runs: Sample[]; shells: Sample[] }> {
  const stand = await runsStand()
  try {
    const objects = objectsInKv(stand.nats, { now: Date.now })
    await objects.create(task)
    return await interleaved({ shells: () => shells(many), runs: () => runs(stand, objects, many) }, effort)
  } finally {
    await stand.close()
  }
}

async function runs(stand: Stand, objects: Objects, many: number): Promise<Sample> {
  const made = await makeRuns(objects, many)
  const stop = meter(stand.pids())
  await startAll(stand, made)
  const used = stop()
  const ended = await objects.list('TaskRun')
  const well = ended.filter(({ status }) => status.runStatus === 'Successed').length
  if (well !== many) throw new Error(`Of ${many} runs ${well} went well`)
  await Promise.all(ended.map(objects.remove))
  return { events: many, ...used }
}

async function shells(many: number): Promise<Sample> {
  let left = many
  const stop = meter({ bench: process.pid })
  await Promise.all(
    Array.from({ length: shellsAtOnce }, async () => {
      while (left-- > 0) await once(spawn('sh', ['-c', 'true'], { stdio: 'ignore' }), 'close')
    }),
  )
  return { events: many, ...stop() }
}
