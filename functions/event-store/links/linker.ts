import type { Kysely } from 'kysely'
import { firstSigns, signsOf } from '../../../shared/causes/signs.ts'
import type { Tables } from '../../../shared/database.ts'
import type { StoredEvent } from '../../../shared/stored.ts'
import { linkCommons } from './commons.ts'
import { keepSigns } from './keep.ts'
import { linkPairs } from './pairs.ts'

/**
 * Finds what follows from what, once a batch is stored. First the signs of its events are kept, and only when they can
 * be seen it is looked for what they are tied to: whichever of two batches comes last sees both. Doing it twice, or in
 * another order, comes to the same.
 */
export function linker(db: Kysely<Tables>): (rows: StoredEvent[]) => Promise<void> {
  return async rows => {
    const signs = firstSigns(rows.flatMap(signsOf))
    if (signs.length === 0) return
    await keepSigns(db, signs)
    const commons = signs.filter(({ side }) => side === 'shares')
    if (commons.length < signs.length) await linkPairs(db, signs)
    if (commons.length > 0) await linkCommons(db, commons)
  }
}
