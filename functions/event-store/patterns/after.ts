import type { Kysely } from 'kysely'
import { type Message, PublishError } from '../../../shared/adapters/publisher.ts'
import type { Tables } from '../../../shared/database.ts'
import type { OpsEvent } from '../../../shared/event.ts'
import { eventMessage } from '../../../shared/event-message.ts'
import { type Log, messageOf } from '../../../shared/log.ts'
import { textOf } from '../../../shared/patterns/key.ts'
import type { StoredEvent } from '../../../shared/stored.ts'
import { found } from './find.ts'
import { samplesOf } from './samples.ts'
import { tellingOf } from './tell.ts'
import { templatesAfter } from './templates.ts'
import type { TellingTerms } from './terms.ts'
import { remember, untold } from './told.ts'
import { touchedBy } from './touched.ts'

/** What telling patterns needs; `publish` rejects with a PublishError. */
export type World = {
  db: Kysely<Tables>
  publish(message: Message): Promise<unknown>
  now(): Date
  terms: TellingTerms
  log: Log
}

/**
 * After a batch is stored: keeps its templates, and tells which of the keys that it touched have become patterns, on
 * `ops.clusters.{c}.patterns.{key}.alerts`. Told first and remembered afterwards, under an id made of key and turn: who
 * dies in between tells the same again. A pattern that goes on is told again when a window is over.
 */
export function patternsAfter({
  db,
  publish,
  now,
  terms,
  log,
}: World): (rows: StoredEvent[]) => Promise<void> {
  const keepTemplates = templatesAfter(db)

  /** @throws PublishError where the bus may take it later */
  async function tell(event: OpsEvent & { subject: string }): Promise<void> {
    try {
      await publish(eventMessage(event))
      log.info({ subject: event.subject, id: event.id }, 'Pattern told')
    } catch (error) {
      if (!(error instanceof PublishError && error.kind === 'refused')) throw error
      // It never will be taken: what it is about is stored all the same.
      log.error({ subject: event.subject, err: messageOf(error) }, 'Cannot tell a pattern')
    }
  }

  return async rows => {
    await keepTemplates(rows)
    const time = now().getTime()
    const news = await untold(db, touchedBy(rows, { now: time, window: terms.window }), terms.window)
    if (news.length === 0) return
    const patterns = await found(db, news, terms)
    const samples = await samplesOf(db, patterns, time)
    const tellings = patterns.map(one => ({
      event: tellingOf(one, samples.get(textOf(one.key)), terms.window),
      time: new Date(one.time),
    }))
    await Promise.all(tellings.map(({ event }) => tell(event)))
    await remember(
      db,
      tellings.map(({ event: { id }, time: at }) => ({ id, time: at })),
    )
  }
}
