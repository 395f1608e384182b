import { http } from '@google-cloud/functions-framework'
import { z } from 'zod'
import { classificationFile, openClassifier } from '../../shared/adapters/classification-file.ts'
import { identity } from '../../shared/adapters/identity.ts'
import { openNats } from '../../shared/adapters/nats.ts'
import { publisherOver } from '../../shared/adapters/publisher.ts'
import { runTokenFinder } from '../../shared/adapters/run-token-finder.ts'
import { openTokens, tokensFile } from '../../shared/adapters/tokens-file.ts'
import { configuration, integer, variables } from '../../shared/config.ts'
import { ownSource } from '../../shared/event.ts'
import { door, serve } from '../../shared/host.ts'
import { logOf } from '../../shared/log.ts'
import { limiter } from '../../shared/rate.ts'
import { ingest } from './ingest.ts'
import { runCallers } from './run-callers.ts'

const config = configuration(
  {
    EVENT_CLUSTER: variables.EVENT_CLUSTER,
    EVENT_ENDPOINT: variables.EVENT_ENDPOINT,
    ...identity,
    EVENT_SOURCE: z.string().default(ownSource),
    ACTIVE_NAMESPACE: variables.ACTIVE_NAMESPACE,
    SERVER_TOKEN: z.string().optional(),
    SERVER_TOKENS_FILE: tokensFile.optional(),
    CLASSIFICATION_FILE: classificationFile,
    INGEST_RATE: integer(1, 1_000_000).default(5000),
    PORT: variables.PORT,
    LOG_LEVEL: variables.LOG_LEVEL,
  },
  { oneOf: ['SERVER_TOKEN', 'SERVER_TOKENS_FILE'] },
)
const log = logOf('subject-ingest', config.LOG_LEVEL)
const nats = openNats(config.EVENT_ENDPOINT, 'subject-ingest', log, config)
const bus = publisherOver(nats)
const tokens = openTokens({ token: config.SERVER_TOKEN, file: config.SERVER_TOKENS_FILE, log })
const rate = limiter({ rate: config.INGEST_RATE, burst: 2 * config.INGEST_RATE })
const runs = runCallers(runTokenFinder(nats), Date.now)

const about = {
  cluster: config.EVENT_CLUSTER,
  namespace: config.ACTIVE_NAMESPACE,
  source: config.EVENT_SOURCE,
  classify: openClassifier({ file: config.CLASSIFICATION_FILE, log }),
}
const handler = door(ingest({ about, tokens, runs, rate, bus, log }), {
  ready: () => nats.up() !== undefined,
  log,
})

http('subject-ingest', handler)

if (import.meta.main) await serve(handler, { port: config.PORT, stop: () => nats.close(), log })
