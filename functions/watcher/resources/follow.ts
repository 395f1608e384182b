import { setTimeout as pause } from 'node:timers/promises'
import type { Kubernetes } from '../../../shared/adapters/kubernetes.ts'
import { bucketIn } from '../../../shared/adapters/kv.ts'
import { type Holder, openLease } from '../../../shared/adapters/lease.ts'
import { ledgerReader } from '../../../shared/adapters/ledger.ts'
import type { Nats } from '../../../shared/adapters/nats.ts'
import type { Publisher } from '../../../shared/adapters/publisher.ts'
import { type Log, messageOf } from '../../../shared/log.ts'
import type { Kind } from '../../../shared/resources.ts'
import { buckets } from '../../../shared/streams.ts'
import type { Reload } from '../reload.ts'
import type { SilencesReload } from '../reload-silences.ts'
import { failuresOf } from './failures.ts'
import { hookKeeper, resourceOf } from './hooks.ts'
import { pathOf } from './object.ts'
import { type Change, changes } from './reader.ts'
import { silenceVerdicts, verdictsOf } from './ready.ts'
import { statusKeeper } from './status.ts'
import { toldKinds } from './status-event.ts'
import { tellStatuses } from './tell.ts'
import { writerTo } from './writer.ts'

export type FollowWorld = {
  kubernetes: Kubernetes
  /** The only namespace to look at; without it, all of them. */
  namespace: string | undefined
  about: { cluster: string }
  /** Which replica this is. */
  me: string
  nats: Nats
  publish: Publisher['publish']
  /** Takes the hooks of the cluster. */
  hooks: Reload['cluster']
  /** Takes its silences. */
  silences: SilencesReload['cluster']
  log: Log
}

/** How often the ledger is read for what is counted of hooks. */
const countEvery = 5_000

/** Whatever of a writer's is under way when another one begins does no harm. */
const holder: Holder = { lingers: 0, gained() {}, lost() {} }

/**
 * Follows the resources of ours in a cluster: its hooks are compiled and its silences taken in, both are told how they
 * stand, and changes of status are events.
 */
export function followResources(world: FollowWorld): { stop(): Promise<void> } {
  const { kubernetes, nats, log } = world
  const stopping = new AbortController()
  const { signal } = stopping
  const wall = () => Date.now()
  const sleep = (ms: number) => pause(ms, undefined, { signal })

  async function* changesOf(kind: Kind): AsyncGenerator<Change, void> {
    const { failed, seen } = failuresOf(kind, log, world.namespace)
    const reading = {
      json: kubernetes.json,
      watch: kubernetes.watch,
      failed,
      sleep: (ms: number) => sleep(ms).catch(() => {}),
      random: Math.random,
    }
    for await (const change of changes(reading, pathOf(kind, world.namespace), signal)) {
      seen(change)
      yield change
    }
  }

  const lease = openLease(nats, 'watcher-status', world.me, holder, log)
  const statuses = statusKeeper({ mayWrite: lease.held, write: writerTo(kubernetes.json), wall, log })
  const hooks = hookKeeper(objects =>
    world.hooks(objects.map(resourceOf), compiled => statuses.judged(verdictsOf(objects, compiled))),
  )

  const silenceStatuses = statusKeeper({
    ...{ mayWrite: lease.held, write: writerTo(kubernetes.json, 'Silence'), wall, log },
    what: 'silence',
  })
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

  const telling = toldKinds.map(kind =>
    tellStatuses(
      {
        cluster: world.about.cluster,
        publish: world.publish,
        told: bucketIn(nats, buckets.counts),
        reached: bucketIn(nats, buckets.checkpoints),
        ...{ wall, sleep, log },
      },
      kind,
      changesOf(kind),
    ),
  )
  for (const work of [followHooks(), followSilences(), ...telling]) {
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
      await lease.stop()
    },
  }
}
