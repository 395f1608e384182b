import { hostname } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { http } from '@google-cloud/functions-framework'
import { classificationFile, openClassifier } from '../../shared/adapters/classification-file.ts'
import { identity } from '../../shared/adapters/identity.ts'
import { openNats } from '../../shared/adapters/nats.ts'
import { publisherOver } from '../../shared/adapters/publisher.ts'
import { runHoldersOver } from '../../shared/adapters/run-holders.ts'
import { runTokensIn } from '../../shared/adapters/run-tokens.ts'
import { configuration, variables } from '../../shared/config.ts'
import { eventFunction } from '../../shared/event-function.ts'
import { door, serve } from '../../shared/host.ts'
import { logOf } from '../../shared/log.ts'
import { newRunToken } from '../../shared/run-tokens.ts'
import { isInCluster, openHands } from './open.ts'
import { carryOutAll } from './order.ts'
import { publishing } from './publish.ts'
import { runsHere } from './runs/here.ts'
import { settings as own } from './settings.ts'
import { turns } from './steps/turns.ts'

const { EVENT_CLUSTER, EVENT_ENDPOINT, BRIDGE_TOKEN, PORT, LOG_LEVEL, TZ } = variables
const shared = { ...identity, EVENT_CLUSTER, EVENT_ENDPOINT, BRIDGE_TOKEN, PORT, LOG_LEVEL, TZ }
const config = configuration({ ...shared, ...own, CLASSIFICATION_FILE: classificationFile })
const log = logOf('cron-taskrun', config.LOG_LEVEL)
const nats = openNats(config.EVENT_ENDPOINT, 'cron-taskrun', log, config)
const settings = {
  cluster: config.EVENT_CLUSTER,
  inCluster: isInCluster(config),
  hostname: hostname(),
  ingest: config.INGEST_URL,
  stepTimeout: config.STEP_TIMEOUT_SECONDS,
  image: config.DEFAULT_RUNTIME_IMAGE,
  privilegedNamespaces: config.PRIVILEGED_NAMESPACES,
}
const now = () => new Date()
const here = runsHere()
const atOnce = 16

const handle = carryOutAll({
  ...(await openHands({ config, env: process.env, settings, nats, now, log })),
  tokens: runTokensIn(nats),
  holders: runHoldersOver(nats),
  publish: publishing(publisherOver(nats), openClassifier({ file: config.CLASSIFICATION_FILE, log })),
  newToken: newRunToken,
  turn: turns(atOnce),
  pause: milliseconds => pause(milliseconds),
  ...{ here, now, settings, log },
})
const ready = () => nats.up() !== undefined
const handler = door(eventFunction({ token: config.BRIDGE_TOKEN, handle }), { ready, log })

http('cron-taskrun', handler)

async function stop(): Promise<void> {
  await here.stopAll('cron-taskrun was stopped')
  await nats.close()
}

if (import.meta.main) await serve(handler, { port: config.PORT, stop, log })
