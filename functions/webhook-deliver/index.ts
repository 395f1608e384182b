import { http } from '@google-cloud/functions-framework'
import { hookReader } from '../../shared/adapters/hooks.ts'
import { openSender } from '../../shared/adapters/http.ts'
import { identity } from '../../shared/adapters/identity.ts'
import { openNats } from '../../shared/adapters/nats.ts'
import { publisherOver } from '../../shared/adapters/publisher.ts'
import { openRedis } from '../../shared/adapters/redis.ts'
import { configuration, variables } from '../../shared/config.ts'
import { eventFunction } from '../../shared/event-function.ts'
import { door, serve } from '../../shared/host.ts'
import { logOf } from '../../shared/log.ts'
import { sealWith } from '../../shared/seal.ts'
import { guardOf } from './address.ts'
import { openCircuits } from './circuits.ts'
import { deliver } from './deliver.ts'
import { settings } from './settings.ts'
import { allowanceOver } from './tasks/allowance.ts'

const { EVENT_ENDPOINT, REDIS_URL, BRIDGE_TOKEN, HOOK_SEAL_KEY, PORT, LOG_LEVEL, TZ } = variables
const config = configuration({
  ...{ EVENT_ENDPOINT, REDIS_URL, BRIDGE_TOKEN, HOOK_SEAL_KEY, PORT, LOG_LEVEL, TZ },
  ...{ ...identity, ...settings },
})
const log = logOf('webhook-deliver', config.LOG_LEVEL)
const nats = openNats(config.EVENT_ENDPOINT, 'webhook-deliver', log, config)
const redis = openRedis(config.REDIS_URL, log, config)
const timeout = config.DELIVER_TIMEOUT
const guard = guardOf({
  loopback: config.ALLOW_LOOPBACK_TARGETS,
  allow: config.TARGETS_ALLOW,
  deny: config.TARGETS_DENY,
  only: config.TARGETS_ONLY,
})
const limits = { timeout, connectTimeout: Math.min(timeout, 5_000), connections: 128, mostBytes: 16_384 }
const sender = openSender({ ...limits, guard: guard.address })
const hour = 3600

const handle = deliver({
  hooks: hookReader(nats, redis, log).current,
  open: sealWith(config.HOOK_SEAL_KEY).open,
  urlProblem: guard.url,
  post: sender.post,
  publish: publisherOver(nats).publish,
  allowance: allowanceOver(redis.run),
  circuits: openCircuits(redis, { now: Date.now, random: Math.random, lease: timeout + 5_000 }),
  sent: redis.has,
  remember: keys => redis.mark(keys, hour),
  now: Date.now,
  timeZone: config.TZ,
  console: config.CONSOLE_URL,
  patience: timeout,
  log,
})
const ready = () => nats.up() !== undefined
const handler = door(eventFunction({ token: config.BRIDGE_TOKEN, handle }), { ready, log })

http('webhook-deliver', handler)

async function stop(): Promise<void> {
  await Promise.all([nats.close(), redis.close(), sender.close()])
}

if (import.meta.main) await serve(handler, { port: config.PORT, stop, log })
