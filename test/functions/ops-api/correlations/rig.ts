import { sql } from 'kysely'
import { beforeAll, beforeEach } from 'vitest'
import type { z } from 'zod'
import { linker } from '../../../../functions/event-store/links/linker.ts'
import { migrate } from '../../../../functions/event-store/migrate.ts'
import { openStore } from '../../../../functions/event-store/store.ts'
import { refusalFor } from '../../../../functions/ops-api/api.ts'
import { correlationRoutes } from '../../../../functions/ops-api/correlations/routes.ts'
import type { Stories, Story } from '../../../../functions/ops-api/correlations/shapes.ts'
import { routeOf } from '../../../../functions/ops-api/route.ts'
import type { StoredEvent } from '../../../../shared/stored.ts'
import type { Token } from '../../../../shared/tokens.ts'
import { openOwnDatabase } from '../../../databases.ts'

/** The day on which the stories of these tests happen. */
export const now = Date.parse('2026-05-04T18:00:00Z')

/** A database with events and links, empty before each test, and what is answered of it. */
export async function storyRig() {
  const { database, db } = await openOwnDatabase()
  const link = linker(db)
  const { store } = openStore(database, () => new Date(now))
  const table = correlationRoutes({ ask: ask => ask(db), now: () => now })

  beforeAll(() => migrate(db))
  beforeEach(() => sql`truncate events, links, signs`.execute(db))

  async function ask(path: string, read = ['>']) {
    const found = routeOf(table, 'GET', `/api/v1/correlations${path}`)
    if ('status' in found) throw new Error(found.message)
    const token = tokenOf(read)
    return refusalFor(token, found.route) ?? found.route.answer({ ...found, token, body: {} })
  }
  async function dataOf(path: string, read?: string[]): Promise<unknown> {
    const answered = await ask(path, read)
    if (!('data' in answered)) throw new Error(`${JSON.stringify(answered)} is no answer`)
    return answered.data
  }
  return {
    db,
    ask,
    clear: () => sql`truncate events, links, signs`.execute(db),
    /** As event-store does: each batch is stored, and then linked. */
    async store(...batches: StoredEvent[][]) {
      for (const batch of batches) {
        const { verdicts } = await store(batch)
        const refused = verdicts.find(verdict => verdict !== 'stored')
        if (refused) throw new Error(JSON.stringify(refused))
        await link(batch)
      }
    },
    story: (
      id: string | null | undefined,
      { read, limit = 2_000 }: { read?: string[]; limit?: number } = {},
    ) => dataOf(`/${encodeURIComponent(id ?? '')}?limit=${limit}`, read) as Promise<z.output<typeof Story>>,
    stories: (query: string, read?: string[]) =>
      dataOf(`?${query}`, read) as Promise<z.output<typeof Stories>>,
  }
}

const tokenOf = (read: string[]): Token => ({ name: 'test', sha256: '', publish: [], read, rights: [] })
