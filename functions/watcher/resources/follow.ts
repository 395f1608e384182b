import { setTimeout as pause } from 'node:timers/promises'
import type { Kubernetes } from '../../../shared/adapters/kubernetes.ts'
import { type Holder, openLease } from '../../../shared/adapters/lease.ts'
import { ledgerReader } from '../../../shared/adapters/ledger.ts'
import type { Change } from '../../../shared/changes.ts'
import { messageOf } from '../../../shared/log.ts'
import type { Kind } from '../../../shared/resources.ts'
import { labels } from '../../../shared/runs.ts'
import type { Reload } from '../reload.ts'
import type { SilencesReload } from '../reload-silences.ts'
import { followRuns, type RunsWorld } from '../runs/follow.ts'
import { failuresOf } from './failures.ts'
import { hookKeeper, resourceOf } from './hooks.ts'
import { pathOf } from './object.ts'
import { changes } from './reader.ts'
import { silenceVerdicts, verdictsOf } from './ready.ts'
import { statusKeeper } from './status.ts'
import { writerTo } from './writer.ts'

export type FollowWorld = RunsWorld & {
  kubernetes: Kubernetes
  /** The only namespace to look at; without it, all of them. */
  namespace: string | undefined
  /** How long the status of a resource stays as it was written, in milliseconds. */
  statusEvery: number
  /** Which replica this is. */
  me: string
  /** Takes the hooks of the cluster. */
  hooks: Reload['cluster']
  /** Takes its silences. */
  silences: SilencesReload['cluster']
}

/** How often the ledger is read for what is counted of hooks. */
const countEvery = 5_000

/** Whatever of a writer's is under way when another one begins does no harm. */
const holder: Holder = { lingers: 0, gained() {}, lost() {} }

/**
 * Follows the resources of ours in a cluster: its hooks are compiled and its silences taken in, both are told how they
 * stand, and its runs, hosts and clusters are seen to.
 */
export function followResources(world: FollowWorld): { stop(): Promise<void> } {
  const { kubernetes, nats, log } = world
  const stopping = new AbortController()
  const { signal } = stopping
  const wall = () => Date.now()
  const sleep = (ms: number) => pause(ms, undefined, { signal })

  async function* changesOf(kind: Kind | 'Job'): AsyncGenerator<Change, void> {
    const { failed, seen } = failuresOf(kind, log, world.namespace)
    const reading = {
      json: kubernetes.json,
      watch: kubernetes.watch,
      failed,
      sleep: (ms: number) => sleep(ms).catch(() => {}),
      random: Math.random,
    }
    const [path, which] = kind === 'Job' ? jobsOf(world.namespace) : [pathOf(kind, world.namespace)]
    for await (const change of changes(reading, path, signal, which)) {
      seen(change)
      yield change
    }
  }

  const lease = openLease(nats, 'watcher-status', world.me, holder, log)
  const pace = { every: world.statusEvery }
  const statuses = statusKeeper({ mayWrite: lease.held, write: writerTo(kubernetes.json), wall, log }, pace)
  const hooks = hookKeeper(objects =>
    world.hooks(objects.map(resourceOf), compiled => statuses.judged(verdictsOf(objects, compiled))),
  )

  const silenceStatuses = statusKeeper(
    { mayWrite: lease.held, write: writerTo(kubernetes.json, 'Silence'), wall, what: 'silence', log },
    pace,
  )
  const silences = hookKeeper(objects =>
    world.silences(objects.map(resourceOf), told => silenceStatuses.judged(silenceVerdicts(objects, told))),
  )

  async function followSilences(): Promise<void> {
    for await (const change of changesOf('Silence')) {
      silenceStatuses.take(change)
      silences.take(change)
    }
  }

  const reader = ledgerReader(nats)
  const counting = setInterval(async () => {
    // Another replica writes, or it is read a few seconds later.
    const ledger = lease.held() ? await reader.read().catch(() => undefined) : undefined
    if (ledger) statuses.counted(ledger.hooks)
  }, countEvery)

  async function followHooks(): Promise<void> {
    for await (const change of changesOf('EventHooks')) {
      statuses.take(change)
      hooks.take(change)
    }
  }

  const runs = followRuns(world, { changesOf, jobs: changesOf('Job') }, signal)
  for (const work of [followHooks(), followSilences()]) {
    work.catch(error => {
      if (!signal.aborted)
        log.error({ err: messageOf(error) }, 'Following resources of the cluster has failed')
    })
  }

  return {
    async stop() {
      stopping.abort()
      clearInterval(counting)
      for (const part of [hooks, statuses, silences, silenceStatuses]) part.stop()
      await Promise.all([lease.stop(), runs.stop()])
    },
  }
}

/** The Jobs that are of a TaskRun. */
const jobsOf = (namespace: string | undefined): [string, { labelSelector: string }] => [
  `/apis/batch/v1${namespace === undefined ? '' : `/namespaces/${namespace}`}/jobs`,
  { labelSelector: labels.taskRunUid },
]
