import type { Registry } from 'prom-client'
import type { Access } from '../../../shared/adapters/kubeconfig.ts'
import { openKubernetes } from '../../../shared/adapters/kubernetes.ts'
import { contextMetrics } from '../context/metrics.ts'
import { Watched } from './filter.ts'
import { eventMetrics } from './metrics.ts'
import { clusterOf } from './variables.ts'
import { type EventWatch, type WatchWorld, watchEvents } from './watch.ts'

/** Watches the cluster that the environment names, as its `WATCH_FILE` says; undefined where it names none. */
export function watchCluster(
  world: Omit<WatchWorld, 'watched' | 'kubernetes' | 'context' | 'metrics'> & {
    env: Parameters<typeof clusterOf>[0] & { WATCH_FILE?: Watched | undefined; EVENT_METRICS_SERIES: number }
    registry: Registry
  },
): EventWatch | undefined {
  const { env, nats, registry } = world
  const access: Access | undefined = clusterOf(env)
  if (!access) return undefined
  const watched = env.WATCH_FILE ?? Watched.parse({})
  const { qps: rate, burst } = watched.enrich
  const away = () => nats.up() === undefined
  return watchEvents({
    ...world,
    watched,
    kubernetes: openKubernetes(access, { rate: watched.qps, burst: watched.burst }),
    context: { json: openKubernetes(access, { rate, burst }).json, counts: contextMetrics(registry) },
    metrics: eventMetrics(registry, { budget: env.EVENT_METRICS_SERIES, away }),
  })
}
