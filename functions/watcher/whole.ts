import { classificationFile, openClassifier } from '../../shared/adapters/classification-file.ts'
import { hookReader, publishHooks, revisionOf } from '../../shared/adapters/hooks.ts'
import { identity } from '../../shared/adapters/identity.ts'
import { openNats } from '../../shared/adapters/nats.ts'
import { objectsInKv } from '../../shared/adapters/objects/kv.ts'
import { publisherOver } from '../../shared/adapters/publisher.ts'
import { openRedis } from '../../shared/adapters/redis.ts'
import { putSilences, resourceSilences } from '../../shared/adapters/silences.ts'
import { ensureStreams } from '../../shared/adapters/streams.ts'
import { configuration, variables } from '../../shared/config.ts'
import type { HookSet } from '../../shared/hookset.ts'
import { door, serve } from '../../shared/host.ts'
import { leafClusters } from '../../shared/leaf.ts'
import { logOf } from '../../shared/log.ts'
import { announce, setupEvent } from './announce.ts'
import { clusterVariables, followObjects } from './cluster.ts'
import { clusterOf } from './events/variables.ts'
import { intakeVariables, takeIn } from './intake.ts'
import { openMetrics } from './metrics.ts'
import type { SilenceSet } from './reload-silences.ts'
import { secretReader } from './resources/cluster.ts'
import { sayingRivals } from './rivals.ts'

const { EVENT_CLUSTER, EVENT_ENDPOINT, REDIS_URL, HOOK_SEAL_KEY } = variables
const { ACTIVE_NAMESPACE, REPLICAS, PORT, LOG_LEVEL, TZ } = variables
const env = configuration(
  {
    ...{ EVENT_CLUSTER, EVENT_ENDPOINT, REDIS_URL, HOOK_SEAL_KEY },
    ...{ ACTIVE_NAMESPACE, REPLICAS, PORT, LOG_LEVEL, TZ },
    ...{ ...identity, ...clusterVariables, CLASSIFICATION_FILE: classificationFile },
    ...{ ...intakeVariables, LEAF_CLUSTERS: leafClusters },
  },
  { oneOf: ['RESOURCES_DIR', 'KUBECONFIG', 'KUBERNETES_SERVICE_HOST'] },
)
const log = logOf('watcher', env.LOG_LEVEL)
const nats = openNats(env.EVENT_ENDPOINT, 'watcher', log, env)
const redis = openRedis(env.REDIS_URL, log, env)
const metrics = openMetrics()
const classify = openClassifier({ file: env.CLASSIFICATION_FILE, log })
const about = { cluster: env.EVENT_CLUSTER, namespace: env.ACTIVE_NAMESPACE, classify }
const { publish } = publisherOver(nats)
const leaves = env.LEAF_CLUSTERS
const prepare = async () => ensureStreams(await nats.opened, env.REPLICAS, log, { leaves })
const says = (kind: string) =>
  announce(setupEvent({ ...about, kind, startedAt: new Date() }), { publish, classify, log })

const hooks = {
  put: sayingRivals((set: HookSet) => publishHooks(nats, redis, set, log), log),
  before: async () => (await hookReader(nats, redis, log).current()).hooks,
  revisionOf,
  first: () => says('EventHooks'),
}
const silences = {
  put: (set: SilenceSet) => putSilences(nats, set.silences),
  before: () => resourceSilences(nats, log),
}
const objects = clusterOf(env) ? undefined : objectsInKv(nats, { now: Date.now })
const readSecret = secretReader(env)
const intake = takeIn({ env, hooks, silences, objects, readSecret, prepare, metrics, log })
const following = followObjects({
  ...{ env, about, nats, publish, prepare, log, registry: metrics.registry, handles: says },
  ...{ hooks: intake.hooks, silences: intake.silences, first: () => says('Events') },
})

const ready = () => intake.ready() && following.ready()
const handler = door(metrics.handler, { ready, log })
async function stop(): Promise<void> {
  for (const part of [intake, following]) await part.stop()
  await Promise.all([nats.close(), redis.close()])
}

await serve(handler, { port: env.PORT, stop, log })
