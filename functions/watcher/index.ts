import { z } from 'zod'
import { hookReader, publishHooks, revisionOf } from '../../shared/adapters/hooks.ts'
import { openNats } from '../../shared/adapters/nats.ts'
import { publisherOver } from '../../shared/adapters/publisher.ts'
import { openRedis } from '../../shared/adapters/redis.ts'
import { ensureStreams } from '../../shared/adapters/streams.ts'
import { configuration, variables } from '../../shared/config.ts'
import { door, serve } from '../../shared/host.ts'
import { logOf } from '../../shared/log.ts'
import { announce, setupEvent } from './announce.ts'
import { hooksBefore } from './before.ts'
import { clusterVariables, followCluster } from './cluster.ts'
import { clusterOf } from './events/variables.ts'
import { isFolder } from './files.ts'
import { watchFolder } from './folder.ts'
import { keeper } from './keep.ts'
import { openMetrics } from './metrics.ts'
import { reloader } from './reload.ts'
import { reporter } from './report.ts'
import { sealingWith } from './sealing.ts'

const { EVENT_CLUSTER, EVENT_ENDPOINT, REDIS_URL, HOOK_SEAL_KEY } = variables
const { ACTIVE_NAMESPACE, REPLICAS, PORT, LOG_LEVEL } = variables
const env = configuration(
  {
    ...{ EVENT_CLUSTER, EVENT_ENDPOINT, REDIS_URL, HOOK_SEAL_KEY },
    ...{ ACTIVE_NAMESPACE, REPLICAS, PORT, LOG_LEVEL },
    ...clusterVariables,
    RESOURCES_DIR: z.string().refine(isFolder, 'there is no such folder').optional(),
  },
  { oneOf: ['RESOURCES_DIR', 'KUBECONFIG', 'KUBERNETES_SERVICE_HOST'] },
)
const log = logOf('watcher', env.LOG_LEVEL)
const nats = openNats(env.EVENT_ENDPOINT, 'watcher', log)
const redis = openRedis(env.REDIS_URL, log)
const metrics = openMetrics()
const about = { cluster: env.EVENT_CLUSTER, namespace: env.ACTIVE_NAMESPACE }
const { publish } = publisherOver(nats)
const prepare = async () => ensureStreams(await nats.opened, env.REPLICAS, log)
const says = (kind: string) =>
  announce(setupEvent({ ...about, kind, startedAt: new Date() }), { publish, log })

const hooks = keeper({
  ...{ ...metrics, prepare, log },
  put: set => publishHooks(nats, redis, set, log),
  first: () => says('EventHooks'),
})
const reload = reloader({
  ...{ ...metrics, revisionOf, sealing: sealingWith(env.HOOK_SEAL_KEY), keep: hooks.keep },
  ...{ report: reporter(log), log },
  before: () => hooksBefore({ prepare, current: hookReader(nats, redis, log).current, log }),
  from: { folder: env.RESOURCES_DIR !== undefined, cluster: clusterOf(env) !== undefined },
})
const folder =
  env.RESOURCES_DIR === undefined ? undefined : watchFolder(env.RESOURCES_DIR, reload.files, { log })
const cluster = followCluster({
  ...{ env, about, nats, publish, prepare, log, registry: metrics.registry },
  first: () => says('Events'),
  hooks: reload.cluster,
})

const ready = () => hooks.ready() && (!cluster || cluster.ready())
const handler = door(metrics.handler, { ready, log })
async function stop(): Promise<void> {
  for (const part of [folder, hooks, cluster]) await part?.stop()
  await Promise.all([nats.close(), redis.close()])
}

await serve(handler, { port: env.PORT, stop, log })
