import { readFile } from 'node:fs/promises'
import { http } from '@google-cloud/functions-framework'
import { z } from 'zod'
import { identity } from '../../shared/adapters/identity.ts'
import { cannotStart, configuration, variables } from '../../shared/config.ts'
import type { OpsEvent } from '../../shared/event.ts'
import { eventFunction } from '../../shared/event-function.ts'
import { door, serve } from '../../shared/host.ts'
import { logOf, messageOf } from '../../shared/log.ts'
import { openerOf } from '../../shared/opener.ts'
import { patternTerms, patternVariables } from './patterns/terms.ts'
import { readRetention, retentionOf } from './retention.ts'

const { EVENT_ENDPOINT, DATABASE_URL, BRIDGE_TOKEN, PORT, LOG_LEVEL } = variables
const config = configuration({
  ...{ EVENT_ENDPOINT, DATABASE_URL, BRIDGE_TOKEN, PORT, LOG_LEVEL },
  RETENTION_FILE: z.string().optional(),
  CLASSIFICATION_FILE: z.string().optional(),
  ...{ ...identity, ...patternVariables },
})
const log = logOf('event-store', config.LOG_LEVEL)
const file = config.RETENTION_FILE
const rules = file
  ? await rulesIn(file).catch(error => cannotStart([`RETENTION_FILE: ${messageOf(error)}`]))
  : []
const retention = retentionOf(rules)

async function rulesIn(path: string) {
  return readRetention(await readFile(path, 'utf8'), path)
}

// What answers that it is ready needs none of this yet.
const { open, opened } = openerOf(async () => {
  const { openStoring } = await import('./open.ts')
  const { openNats } = await import('../../shared/adapters/nats.ts')
  const { publisherOver } = await import('../../shared/adapters/publisher.ts')
  const { openClassifier } = await import('../../shared/adapters/classification-file.ts')
  const classify = openClassifier({ file: config.CLASSIFICATION_FILE, log })
  const nats = openNats(config.EVENT_ENDPOINT, 'event-store', log, config)
  const { publish } = publisherOver(nats)
  const [url, now] = [config.DATABASE_URL, () => new Date()]
  const patterns = patternTerms(config)
  const { handle, close } = openStoring({ url, retention, classify, publish, patterns, now, log })
  return { handle, close: () => Promise.all([nats.close(), close()]) }
})
const handle = async (events: OpsEvent[]) => (await open()).handle(events)

// Ready whatever the database is: it tells better than a gateway that events have to wait.
const handler = door(eventFunction({ token: config.BRIDGE_TOKEN, handle }), { ready: () => true, log })

http('event-store', handler)

const stop = async () => void (await (await opened())?.close())

if (import.meta.main) await serve(handler, { port: config.PORT, stop, log })
