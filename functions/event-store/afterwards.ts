import type { Kysely } from 'kysely'
import type { Message } from '../../shared/adapters/publisher.ts'
import type { Tables } from '../../shared/database.ts'
import type { Log } from '../../shared/log.ts'
import type { StoredEvent } from '../../shared/stored.ts'
import { forgetLinks } from './links/forget.ts'
import { linker } from './links/linker.ts'
import { patternsAfter } from './patterns/after.ts'
import type { TellingTerms } from './patterns/terms.ts'
import { forgetPatterns } from './patterns/told.ts'
import type { Forget } from './sweep.ts'

/**
 * What is done after each commit, over all rows of the batch, repeats too: a crash before it loses nothing, and doing it
 * twice comes to the same. One that throws makes the batch come again.
 */
export type Afterwards = (rows: StoredEvent[]) => Promise<void>

/** What it may use. */
export type AfterwardsWorld = {
  db: Kysely<Tables>
  /** @throws PublishError */
  publish(message: Message): Promise<unknown>
  now(): Date
  /** What is told as a pattern. */
  patterns: TellingTerms
  log: Log
}

/** All of it, in order. */
export const afterwardsOf = (world: AfterwardsWorld): Afterwards[] => [
  linker(world.db),
  patternsAfter({ ...world, terms: world.patterns }),
]

/** What is forgotten once its events are gone. */
export const forgets: Forget[] = [forgetLinks, forgetPatterns]
