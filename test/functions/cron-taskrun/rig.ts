import { hostname } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll } from 'vitest'
import { localExecutor } from '../../../functions/cron-taskrun/local/executor.ts'
import { carryOutAll } from '../../../functions/cron-taskrun/order.ts'
import { publishing } from '../../../functions/cron-taskrun/publish.ts'
import { runsHere } from '../../../functions/cron-taskrun/runs/here.ts'
import { turns } from '../../../functions/cron-taskrun/steps/turns.ts'
import type { World } from '../../../functions/cron-taskrun/world.ts'
import { openNats } from '../../../shared/adapters/nats.ts'
import { objectsInKv } from '../../../shared/adapters/objects/kv.ts'
import { publisherOver } from '../../../shared/adapters/publisher.ts'
import { runHoldersOver } from '../../../shared/adapters/run-holders.ts'
import { runTokensIn } from '../../../shared/adapters/run-tokens.ts'
import { ensureStreams } from '../../../shared/adapters/streams.ts'
import type { OpsEvent } from '../../../shared/event.ts'
import type { Draft, Stored } from '../../../shared/objects.ts'
import { type Order, orderEvent } from '../../../shared/orders.ts'
import type { Outcome } from '../../../shared/outcome.ts'
import type { Kind } from '../../../shared/resources.ts'
import { newRunToken } from '../../../shared/run-tokens.ts'
import { hasEnded } from '../../../shared/runs.ts'
import { quiet } from '../../quiet.ts'
import { ownNats } from '../../servers.ts'

export const namespace = 'ops-system'

type Step = { name?: string; content: string; when?: string; allowfailure?: string; timeoutSeconds?: number }

/** Drafts of objects, as short as tests want them. */
export const drafts = {
  task: (name: string, steps: Step[], more: object = {}): Draft<'Task'> => ({
    kind: 'Task',
    metadata: { namespace, name },
    spec: { steps, ...more },
  }),
  taskRun: (name: string, taskRef: string, more: object = {}, metadata: object = {}): Draft<'TaskRun'> => ({
    kind: 'TaskRun',
    metadata: { namespace, name, ...metadata },
    spec: { taskRef, ...more },
  }),
  pipeline: (
    name: string,
    tasks: Draft<'Pipeline'>['spec']['tasks'],
    more: object = {},
  ): Draft<'Pipeline'> => ({
    kind: 'Pipeline',
    metadata: { namespace, name },
    spec: { tasks, ...more },
  }),
  pipelineRun: (name: string, pipelineRef: string, more: object = {}): Draft<'PipelineRun'> => ({
    kind: 'PipelineRun',
    metadata: { namespace, name },
    spec: { pipelineRef, ...more },
  }),
}

/** cron-taskrun without its door, over a NATS of its own: objects in KV, steps as real processes of this machine. */
export async function ownRig(change: Partial<World> = {}) {
  const server = await ownNats()
  const nats = openNats(server.url, 'cron-taskrun-test', quiet)
  const published: OpsEvent[] = []
  const now = () => new Date()
  const objects = objectsInKv(nats, { now: () => now().getTime() })
  const local = localExecutor({ hostname: hostname(), env: process.env, now })
  const publish = publishing(publisherOver(nats))
  const world: World = {
    objects,
    executor: async name => (name === 'local' ? local : undefined),
    probes: { Host: async () => ({}), Cluster: async () => ({}) },
    tokens: runTokensIn(nats),
    holders: runHoldersOver(nats),
    publish: async event => {
      published.push(event)
      return publish(event)
    },
    newToken: newRunToken,
    here: runsHere(),
    turn: turns(16),
    pause: milliseconds => pause(Math.min(milliseconds, 50)),
    now,
    settings: {
      cluster: 'mycluster',
      inCluster: false,
      hostname: hostname(),
      ingest: 'http://127.0.0.1:9',
      stepTimeout: 30,
      image: 'ubuntu:22.04',
      privilegedNamespaces: [],
    },
    log: quiet,
    ...change,
  }
  beforeAll(async () => ensureStreams(await nats.opened, 1, quiet))
  afterAll(() => nats.close())

  const eventOf = (order: Order) => orderEvent(order, { what: 'test', cluster: 'mycluster', now: now() })
  const give = async (order: Order, changed: Partial<World> = {}): Promise<Outcome> => {
    const [outcome] = await carryOutAll({ ...world, ...changed })([eventOf(order)])
    if (!outcome) throw new Error('No outcome')
    return outcome
  }
  const get = async <K extends Kind>(kind: K, name: string): Promise<Stored<K>> => {
    const found = await objects.get(kind, namespace, name)
    if (!found) throw new Error(`There is no ${kind} "${name}"`)
    return found
  }
  const make = async <K extends Kind>(draft: Draft<K>): Promise<Stored<K>> => {
    const made = await objects.create(draft)
    if (!made) throw new Error(`There is a ${draft.kind} "${draft.metadata.name}" already`)
    return made
  }
  const about = ({ kind, metadata }: Stored<'TaskRun'> | Stored<'PipelineRun'>) => ({
    ...{ kind, namespace, name: metadata.name, uid: metadata.uid },
  })

  return {
    ...{ server, nats, world, objects, published, give, get, make, about, eventOf },
    /** The TaskRun of a new Task of this name, started and carried through. */
    async run(name: string, steps: Step[], { task = {}, run = {} }: { task?: object; run?: object } = {}) {
      await make(drafts.task(name, steps, task))
      const made = await make(drafts.taskRun(name, name, run))
      const outcome = await give({ order: 'start', ...about(made), kind: 'TaskRun' })
      return { made, outcome, status: (await get('TaskRun', name)).status }
    },
    /** What the watcher does: starts runs that have no status, and lets PipelineRuns go on behind each that ended. */
    async follow(pipelineRun: string): Promise<string[]> {
      const told: string[] = []
      const run = await get('PipelineRun', pipelineRun)
      await give({ order: 'start', ...about(run), kind: 'PipelineRun' })
      for (let turn = 0; turn < 20; turn++) {
        const { status } = await get('PipelineRun', pipelineRun)
        told.push(
          [
            status.runStatus,
            ...(status.pipelineRunStatus ?? []).map(
              ({ name, taskRunStatus }) => `${name}:${taskRunStatus?.runStatus ?? 'new'}`,
            ),
          ].join(' '),
        )
        if (hasEnded(status)) break
        const children = await objects.list('TaskRun', {
          namespace,
          labels: { 'ops/pipelinerun': pipelineRun },
        })
        for (const child of children) {
          if (hasEnded(child.status)) continue
          await give({ order: 'start', ...about(child), kind: 'TaskRun' })
          const task = child.metadata.labels['ops/pipelinetask'] ?? ''
          await give({ order: 'advance', ...about(run), kind: 'PipelineRun', task })
        }
      }
      return told
    },
  }
}
