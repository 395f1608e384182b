import { collectDefaultMetrics, Registry } from 'prom-client'
import { classificationFile, openClassifier } from '../../shared/adapters/classification-file.ts'
import { identity } from '../../shared/adapters/identity.ts'
import { openNats } from '../../shared/adapters/nats.ts'
import { publisherOver } from '../../shared/adapters/publisher.ts'
import { ensureStreams } from '../../shared/adapters/streams.ts'
import { configuration, variables } from '../../shared/config.ts'
import { door, serve } from '../../shared/host.ts'
import { logOf } from '../../shared/log.ts'
import { announce, setupEvent } from './announce.ts'
import { watchCluster } from './events/cluster.ts'
import { clusterVariables } from './events/variables.ts'
import { pageOf } from './metrics.ts'

const { EVENT_CLUSTER, EVENT_ENDPOINT, ACTIVE_NAMESPACE, REPLICAS, PORT, LOG_LEVEL, TZ } = variables
const env = configuration(
  {
    ...{ EVENT_CLUSTER, EVENT_ENDPOINT, ACTIVE_NAMESPACE, REPLICAS, PORT, LOG_LEVEL, TZ },
    ...{ ...identity, ...clusterVariables, CLASSIFICATION_FILE: classificationFile },
  },
  { oneOf: ['KUBECONFIG', 'KUBERNETES_SERVICE_HOST'] },
)
const log = logOf('watcher', env.LOG_LEVEL)
log.info(
  { cluster: env.EVENT_CLUSTER },
  'This cluster is only watched: EventHooks, Silences, runs and hosts that lie in it are not looked at',
)
const nats = openNats(env.EVENT_ENDPOINT, 'watcher', log, env)
const registry = new Registry()
collectDefaultMetrics({ register: registry })
const classify = openClassifier({ file: env.CLASSIFICATION_FILE, log })
const about = { cluster: env.EVENT_CLUSTER, namespace: env.ACTIVE_NAMESPACE, classify }
const { publish } = publisherOver(nats)
const prepare = async () => ensureStreams(await nats.opened, env.REPLICAS, log, 'leaf')
const first = () =>
  announce(setupEvent({ ...about, kind: 'Events', startedAt: new Date() }), { publish, classify, log })
const events = watchCluster({ env, about, nats, publish, prepare, first, registry, log })

const handler = door(pageOf(registry), { ready: () => events?.ready() ?? false, log })
async function stop(): Promise<void> {
  await events?.stop()
  await nats.close()
}

await serve(handler, { port: env.PORT, stop, log })
