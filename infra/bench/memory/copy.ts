import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Pool } from 'pg'
import { from } from 'pg-copy-streams'
import { migrate } from '../../../functions/event-store/migrate.ts'
import { partKeeper, partOf } from '../../../functions/event-store/parts.ts'
import { retentionOf } from '../../../functions/event-store/retention.ts'
import { openDatabase } from '../../../shared/adapters/database.ts'
import { classifierOf } from '../../../shared/classify.ts'
import type { OpsEvent } from '../../../shared/event.ts'
import { rowOf } from '../../../shared/row.ts'
import type { StoredEvent } from '../../../shared/stored.ts'
import { tsvectorText, wordsOf } from '../../../shared/words.ts'
import { log } from '../stand.ts'
import type { Loader } from './loader.ts'

/** PostgreSQL's own COPY of the same rows into a table with the same parts, and with the same indices or with none. */
export async function copying(url: string, indices: 'same' | 'none'): Promise<Loader> {
  const { db, pool, close } = openDatabase(url, { name: 'bench', most: 2, patience: 600_000, log })
  await migrate(db)
  if (indices === 'none') await dropIndices(pool)
  const columns = await columnsOf(pool)
  const parts = partKeeper(db)
  const reading = { received: new Date(), classify: classifierOf(), keepOf: retentionOf().keepOf }
  return {
    load(events: OpsEvent[]) {
      const rows = events.map(event => rowOf(event, reading))
      // In pieces, so that they go out while the next is made; making them is not measured.
      const pieces: string[] = []
      for (let at = 0; at < rows.length; at += 200)
        pieces.push(
          rows
            .slice(at, at + 200)
            .map(row => lineOf(row, columns))
            .join(''),
        )
      return async () => {
        await parts.ensure(rows.map(partOf))
        const client = await pool.connect()
        const since = performance.now()
        await pipeline(
          Readable.from(pieces),
          client.query(from(`COPY events (${columns.join(', ')}) FROM STDIN`)),
        )
        const seconds = (performance.now() - since) / 1_000
        client.release()
        return seconds
      }
    },
    close,
  }
}

async function dropIndices(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ name: string; own: boolean }>(
    "SELECT indexrelid::regclass::text AS name, indisprimary AS own FROM pg_index WHERE indrelid = 'events'::regclass",
  )
  for (const { name, own } of rows)
    await pool.query(own ? `ALTER TABLE events DROP CONSTRAINT ${name}` : `DROP INDEX ${name}`)
}

async function columnsOf(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    "SELECT column_name AS name FROM information_schema.columns WHERE table_name = 'events' AND column_default IS NULL",
  )
  return rows.map(({ name }) => name)
}

const lineOf = (row: StoredEvent, columns: string[]) =>
  `${columns.map(column => escaped(columnOf(row, column))).join('\t')}\n`

const asReceived = new Date().toISOString()

function columnOf(row: StoredEvent, column: string): unknown {
  if (column === 'words') return tsvectorText(wordsOf(row.message))
  if (column === 'received') return asReceived
  const [, value] = Object.entries(row).find(([name]) => name === column) ?? []
  if (value === undefined) throw new Error(`A row has no "${column}", which the table wants`)
  return value
}

// PostgreSQL 15, COPY, "Text Format".
const signs: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

function escaped(value: unknown): string {
  if (value === null) return '\\N'
  if (value instanceof Date) return value.toISOString()
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return text.replace(/[\\\t\n\r]/g, sign => signs[sign] ?? sign)
}
