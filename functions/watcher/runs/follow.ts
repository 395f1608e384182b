import { setTimeout as pause } from 'node:timers/promises'
import type { Registry } from 'prom-client'
import { bucketIn } from '../../../shared/adapters/kv.ts'
import type { Nats } from '../../../shared/adapters/nats.ts'
import { type Message, PublishError, type Publisher } from '../../../shared/adapters/publisher.ts'
import type { Change } from '../../../shared/changes.ts'
import type { Classify } from '../../../shared/classify.ts'
import { type Log, messageOf } from '../../../shared/log.ts'
import { buckets } from '../../../shared/streams.ts'
import { type ToldKind, toldKinds } from '../resources/status-event.ts'
import { tellStatuses } from '../resources/tell.ts'
import { seenAhead } from './ahead.ts'
import { memoryIn } from './memory.ts'
import { runMetrics } from './metrics.ts'
import { watchRuns } from './run-watch.ts'

export type RunsWorld = {
  about: { cluster: string; classify?: Classify }
  env: { TZ: string; WATCH_NAMESPACE?: string | undefined }
  nats: Nats
  publish: Publisher['publish']
  registry: Registry
  /** A kind is handled from now on, by the name that its status event has. */
  handles(kind: string): void
  log: Log
}

/** Where the changes of objects come from, and of Jobs where there are any. */
export type RunSources = {
  changesOf(kind: ToldKind): AsyncIterable<Change>
  jobs: AsyncIterable<Change> | undefined
}

/** The clock is looked at this often at least: it may be put. */
const lookEvery = 500

/** What is announced with each kind; nobody else handles what it refers to. */
const announced: Record<ToldKind, string[]> = {
  Host: ['Hosts'],
  Cluster: ['Clusters'],
  TaskRun: ['Tasks', 'TaskRuns'],
  PipelineRun: ['Pipelines', 'PipelineRuns'],
}

/** Orders what is to be done about runs, hosts and clusters, and tells each change of their status, until `signal`. */
export function followRuns(
  world: RunsWorld,
  { changesOf, jobs }: RunSources,
  signal: AbortSignal,
): { stop(): Promise<void> } {
  const { nats, log } = world
  const { cluster, classify } = world.about
  const wall = () => Date.now()
  const sleep = (ms: number) => pause(ms, undefined, { signal })
  const metrics = runMetrics(world.registry, () => watch.schedules())
  const about = { cluster, namespace: world.env.WATCH_NAMESPACE }
  const memory = memoryIn(bucketIn(nats, buckets.checkpoints), { ...about, wall, sleep, log })
  const watch = watchRuns({
    ...{ cluster, timeZone: world.env.TZ, jobs: jobs !== undefined, wall },
    ...{ publish, given: memory.given, ...metrics },
    odd: (id, error) => log.error({ object: id, err: messageOf(error) }, 'Cannot follow an object'),
  })

  /** What the bus refuses it refuses for ever. */
  async function publish(message: Message): Promise<{ duplicate: boolean }> {
    try {
      return await world.publish(message)
    } catch (error) {
      if (!(error instanceof PublishError) || error.kind !== 'refused') throw error
      log.error({ subject: message.subject, err: messageOf(error) }, 'The bus refuses an order')
      return { duplicate: true }
    }
  }

  async function turn(): Promise<void> {
    watch.begin(await memory.read())
    for (;;) {
      const soonest = watch.tick()
      const reached = watch.reached()
      if (reached) void memory.remember(reached)
      await sleep(Math.min(Math.max(soonest - wall(), 1), lookEvery))
    }
  }

  function tell(kind: ToldKind): Promise<void> {
    let handled = false
    const changes = seenAhead(changesOf(kind), change => {
      watch.take(kind, change)
      if (!handled && change.kind === 'all') for (const name of announced[kind]) world.handles(name)
      handled ||= change.kind === 'all'
    })
    const [told, reached] = [bucketIn(nats, buckets.counts), bucketIn(nats, buckets.checkpoints)]
    return tellStatuses(
      { cluster, classify, publish: world.publish, told, reached, wall, sleep, log },
      kind,
      changes,
    )
  }

  async function followJobs(): Promise<void> {
    for await (const change of jobs ?? []) watch.take('Job', change)
  }

  const following = [turn(), followJobs(), ...toldKinds.map(tell)]
  for (const work of following) {
    work.catch(error => {
      if (signal.aborted) return
      log.error({ err: messageOf(error) }, 'Following runs, hosts and clusters has failed')
      // Nothing would be ordered any more, and nobody told: whoever keeps this process begins anew.
      throw error
    })
  }
  return { stop: memory.flush }
}
