import { randomInt } from 'node:crypto'
import { http } from '@google-cloud/functions-framework'
import { z } from 'zod'
import { browse } from '../../shared/adapters/browse.ts'
import { followStream } from '../../shared/adapters/follow.ts'
import { hookReader } from '../../shared/adapters/hooks.ts'
import { hostKeysIn } from '../../shared/adapters/host-keys.ts'
import { identity } from '../../shared/adapters/identity.ts'
import { lazyRedis } from '../../shared/adapters/lazy-redis.ts'
import { ledgerReader } from '../../shared/adapters/ledger.ts'
import { connectionOf, openNats } from '../../shared/adapters/nats.ts'
import { publisherOver } from '../../shared/adapters/publisher.ts'
import { replaysIn } from '../../shared/adapters/replays.ts'
import { silenceBook } from '../../shared/adapters/silence-book.ts'
import { takersOf } from '../../shared/adapters/takers.ts'
import { openTokens, tokensFile } from '../../shared/adapters/tokens-file.ts'
import { configuration, integer, variables } from '../../shared/config.ts'
import { door, serve } from '../../shared/host.ts'
import { logOf } from '../../shared/log.ts'
import { limiter } from '../../shared/rate.ts'
import { api } from './api.ts'
import { clusterVariables, lazyCluster } from './cluster.ts'
import { lazyDatabase } from './database.ts'
import { lazyObjects } from './objects.ts'
import { silencedIn } from './silences/silenced.ts'
import { tableOf } from './table.ts'

const { EVENT_CLUSTER, EVENT_ENDPOINT, REDIS_URL, DATABASE_URL, ACTIVE_NAMESPACE, PORT, LOG_LEVEL } =
  variables
const config = configuration(
  {
    ...{ EVENT_ENDPOINT, REDIS_URL, ACTIVE_NAMESPACE, PORT, LOG_LEVEL },
    EVENT_CLUSTER: EVENT_CLUSTER.optional(),
    DATABASE_URL: DATABASE_URL.optional(),
    SERVER_TOKEN: z.string().optional(),
    SERVER_TOKENS_FILE: tokensFile.optional(),
    API_RATE: integer(1, 1_000_000).default(50),
    ...{ ...identity, ...clusterVariables },
  },
  { oneOf: ['SERVER_TOKEN', 'SERVER_TOKENS_FILE'] },
)
const log = logOf('ops-api', config.LOG_LEVEL)
const nats = openNats(config.EVENT_ENDPOINT, 'ops-api', log, config)
const redis = lazyRedis(config.REDIS_URL, log, config)
const now = Date.now
const cluster = lazyCluster(config)
const database = lazyDatabase(config.DATABASE_URL, log)
const ending = new AbortController()

const table = tableOf({
  events: { ask: database.ask, follow: followStream(nats, 'ops'), ending: ending.signal, now, log },
  deadLetters: {
    ...{ browser: browse(nats, 'deadletters'), replays: replaysIn(nats), now, log },
    taken: () => takersOf(nats, 'retries'),
    publish: publisherOver(nats).publish,
  },
  silences: {
    ...{ book: silenceBook(nats), silenced: silencedIn(redis) },
    ...{ cluster, namespace: config.ACTIVE_NAMESPACE, now, log },
  },
  runs: { objects: lazyObjects(nats, cluster), cluster: config.EVENT_CLUSTER, random: randomInt, log },
  hostKeys: hostKeysIn(nats),
  hooks: { hooks: hookReader(nats, redis, log).current, ledger: ledgerReader(nats), log },
})
const tokens = openTokens({ token: config.SERVER_TOKEN, file: config.SERVER_TOKENS_FILE, log })
const rate = limiter({ rate: config.API_RATE, burst: 4 * config.API_RATE })
const up = () => nats.up() !== undefined
const answering = api(table, { tokens, rate, connected: () => connectionOf(nats), up, log })
const handler = door(answering, { ready: up, log })

http('ops-api', handler)

const stop = async () => void (await Promise.all([nats.close(), redis.close(), database.close()]))
if (import.meta.main) await serve(handler, { port: config.PORT, leaving: () => ending.abort(), stop, log })
