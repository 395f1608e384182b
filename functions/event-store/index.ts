import { readFileSync } from 'node:fs'
import { http } from '@google-cloud/functions-framework'
import { z } from 'zod'
import { openNats } from '../../shared/adapters/nats.ts'
import { publisherOver } from '../../shared/adapters/publisher.ts'
import { configuration, variables } from '../../shared/config.ts'
import type { OpsEvent } from '../../shared/event.ts'
import { eventFunction } from '../../shared/event-function.ts'
import { door, serve } from '../../shared/host.ts'
import { logOf } from '../../shared/log.ts'
import { patternTerms, patternVariables } from './patterns/terms.ts'
import { readRetention, retentionOf } from './retention.ts'

const { EVENT_ENDPOINT, DATABASE_URL, BRIDGE_TOKEN, PORT, LOG_LEVEL } = variables
const config = configuration({
  ...{ EVENT_ENDPOINT, DATABASE_URL, BRIDGE_TOKEN, PORT, LOG_LEVEL },
  RETENTION_FILE: z.string().optional(),
  CLASSIFICATION_FILE: z.string().optional(),
  ...patternVariables,
})
const log = logOf('event-store', config.LOG_LEVEL)
const file = config.RETENTION_FILE
const retention = retentionOf(file ? await readRetention(readFileSync(file, 'utf8'), file) : [])
const nats = openNats(config.EVENT_ENDPOINT, 'event-store', log)

let opened: ReturnType<typeof open> | undefined
// What answers that it is ready needs none of this yet.
async function open() {
  const { openStoring } = await import('./open.ts')
  const { openClassifier } = await import('../../shared/adapters/classification-file.ts')
  const classify = openClassifier({ file: config.CLASSIFICATION_FILE, log })
  const { publish } = publisherOver(nats)
  const [url, now] = [config.DATABASE_URL, () => new Date()]
  const patterns = patternTerms(config)
  return openStoring({ url, retention, classify, publish, patterns, now, log })
}
async function handle(events: OpsEvent[]) {
  opened ??= open()
  return (await opened).handle(events)
}

// Ready whatever the database is: it tells better than a gateway that events have to wait.
const handler = door(eventFunction({ token: config.BRIDGE_TOKEN, handle }), { ready: () => true, log })

http('event-store', handler)

async function stop(): Promise<void> {
  await nats.close()
  await (await opened)?.close()
}

if (import.meta.main) await serve(handler, { port: config.PORT, stop, log })
