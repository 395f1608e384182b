import { http } from '@google-cloud/functions-framework'
import { hookReader } from '../../shared/adapters/hooks.ts'
import { identity } from '../../shared/adapters/identity.ts'
import { openNats } from '../../shared/adapters/nats.ts'
import { publisherOver } from '../../shared/adapters/publisher.ts'
import { raisedIn } from '../../shared/adapters/raised.ts'
import { openRedis } from '../../shared/adapters/redis.ts'
import { silenceReader } from '../../shared/adapters/silences.ts'
import { configuration, variables } from '../../shared/config.ts'
import { eventFunction } from '../../shared/event-function.ts'
import { door, serve } from '../../shared/host.ts'
import { logOf } from '../../shared/log.ts'
import { evaluate } from './evaluate.ts'
import { silencedIn } from './silenced.ts'
import { mirroredWindows } from './windows/mirrored.ts'

const { EVENT_ENDPOINT, REDIS_URL, BRIDGE_TOKEN, PORT, LOG_LEVEL, TZ } = variables
const config = configuration({ ...identity, EVENT_ENDPOINT, REDIS_URL, BRIDGE_TOKEN, PORT, LOG_LEVEL, TZ })
const log = logOf('hook-evaluate', config.LOG_LEVEL)
const nats = openNats(config.EVENT_ENDPOINT, 'hook-evaluate', log, config)
const redis = openRedis(config.REDIS_URL, log, config)
const hour = 3600

const handle = evaluate({
  hooks: hookReader(nats, redis, log).current,
  publish: publisherOver(nats).publish,
  silences: silenceReader(nats, log).current,
  recall: async keys => (await redis.read(keys)) ?? keys.map(() => undefined),
  remember: memos => redis.put(memos, hour),
  windows: mirroredWindows(redis.run),
  troubles: raisedIn(nats),
  note: silencedIn(redis.run),
  now: () => new Date(),
  timeZone: config.TZ,
  explains: config.LOG_LEVEL === 'debug',
  log,
})
const ready = () => nats.up() !== undefined
const handler = door(eventFunction({ token: config.BRIDGE_TOKEN, handle }), { ready, log })

http('hook-evaluate', handler)

async function stop(): Promise<void> {
  await nats.close()
  await redis.close()
}

if (import.meta.main) await serve(handler, { port: config.PORT, stop, log })
