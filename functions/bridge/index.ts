import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { parse } from 'yaml'
import { z } from 'zod'
import { watchHooks } from '../../shared/adapters/hooks.ts'
import { identity } from '../../shared/adapters/identity.ts'
import { openNats } from '../../shared/adapters/nats.ts'
import { publisherOver } from '../../shared/adapters/publisher.ts'
import { ensureStreams } from '../../shared/adapters/streams.ts'
import { configuration, variables } from '../../shared/config.ts'
import { door, serve } from '../../shared/host.ts'
import { leafClusters } from '../../shared/leaf.ts'
import { logOf } from '../../shared/log.ts'
import { token } from '../../shared/subject.ts'
import { hasManyFilters } from './consumers.ts'
import { coverageOf } from './coverage.ts'
import { watchLeaves } from './leaves.ts'
import { type Ledger, openLedger } from './ledger/open.ts'
import { metricsOf } from './metrics.ts'
import { ownFunctions, quietSubjects } from './quiet.ts'
import { type Keeper, keep, lossSubjectOf } from './run.ts'
import { allTriggers, ownTriggers, ownTriggerVariables, servedTriggers } from './triggers.ts'

const { EVENT_CLUSTER, EVENT_ENDPOINT, ACTIVE_NAMESPACE, BRIDGE_TOKEN, PORT, LOG_LEVEL, REPLICAS } = variables
const env = configuration({
  ...{ EVENT_CLUSTER, EVENT_ENDPOINT, ACTIVE_NAMESPACE, BRIDGE_TOKEN, PORT, LOG_LEVEL, REPLICAS },
  ...{ ...identity, ...ownTriggerVariables, LEAF_CLUSTERS: leafClusters },
  TRIGGERS_FILE: z.string().optional(),
  OWN_FUNCTIONS: z.string().default(ownFunctions),
})
const log = logOf('bridge', env.LOG_LEVEL)
const given = env.TRIGGERS_FILE ? parse(readFileSync(env.TRIGGERS_FILE, 'utf8')) : []
let triggers = allTriggers(ownTriggers(env), given)

const nats = openNats(env.EVENT_ENDPOINT, 'bridge', log, env)
const { registry, page, countsOf } = metricsOf()
let keepers: Keeper[] = []
let ledger: Ledger | undefined
let working = 0
const coverage = coverageOf()

const ready = () => ledger !== undefined && working === keepers.length && nats.up() !== undefined
const handler = door(page, { ready, log })
await serve(handler, {
  port: env.PORT,
  log,
  async stop() {
    await Promise.all(keepers.map(keeper => keeper.stop()))
    await ledger?.stop()
    await nats.close()
  },
})

const leaves = env.LEAF_CLUSTERS
const prepare = async () => ensureStreams(await nats.opened, env.REPLICAS, log, { leaves })
await prepare()
triggers = servedTriggers(triggers, hasManyFilters((await nats.opened).info?.version ?? ''))
const publisher = publisherOver(nats)
const me = `${hostname()}/${process.pid}/${randomUUID()}`
ledger = openLedger({ nats, publisher, me, newId: randomUUID, prepare, coverage, registry, log })
void watchHooks(nats, coverage.put, log)
const shared = {
  ...{ nats, log, publisher, me, ledger },
  ...{ compiled: coverage.known, covered: coverage.covers, token: env.BRIDGE_TOKEN },
  lossSubject: lossSubjectOf(env.EVENT_CLUSTER, env.ACTIVE_NAMESPACE),
  quiet: quietSubjects(token(env.EVENT_CLUSTER), token(env.ACTIVE_NAMESPACE), env.OWN_FUNCTIONS.split(',')),
}
const overLeaves = watchLeaves({ ...shared, leaves, namespace: env.ACTIVE_NAMESPACE, registry })
keepers = [...triggers.map(trigger => keep(trigger, countsOf(trigger.name), shared)), overLeaves]
await Promise.all(keepers.map(({ ready }) => ready.then(() => working++)))
log.info({ triggers: triggers.map(({ name }) => name) }, 'Triggers at work')
