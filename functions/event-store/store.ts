import type { Kysely } from 'kysely'
import type { Pool } from 'pg'
import type { Tables } from '../../shared/database.ts'
import { messageOf } from '../../shared/log.ts'
import type { StoredEvent } from '../../shared/stored.ts'
import { storing, valuesOf } from './insert.ts'
import { keyProblem } from './key.ts'
import { partKeeper, partOf } from './parts.ts'
import { troubleOf } from './trouble.ts'

/** What became of a row: it is there, now or before, or why it never will be. */
export type Verdict = 'stored' | { refused: string }

export type Store = {
  /**
   * Stores all of them as received then, and in the same transaction what is counted of those that were not there;
   * `fresh`: how many.
   * @throws when waiting helps: nothing is lost then, and what is there already stays
   */
  store(rows: readonly StoredEvent[], received?: Date): Promise<{ verdicts: Verdict[]; fresh: number }>
}

/** So often two batches may be in each other's way before others have to wait for them. */
const mostTries = 6

/** Stores in this database, as received `now` unless told. */
export function openStore({ db, pool }: { db: Kysely<Tables>; pool: Pool }, now = () => new Date()): Store {
  const parts = partKeeper(db)

  /** @throws what the database says */
  async function write(rows: readonly StoredEvent[], received: Date): Promise<number> {
    for (let tries = 1; ; tries++) {
      try {
        await parts.ensure(rows.map(partOf))
        return await ask(pool, rows, received)
      } catch (error) {
        const trouble = troubleOf(error)
        if (trouble === 'part') parts.forget()
        if ((trouble !== 'part' && trouble !== 'collision') || tries >= mostTries) throw error
      }
    }
  }

  /** Those of which the database refuses one are halved until that one is alone. */
  async function writeAll(
    rows: readonly StoredEvent[],
    received: Date,
    refused: Map<StoredEvent, string>,
  ): Promise<number> {
    const [row] = rows
    if (!row) return 0
    try {
      return await write(rows, received)
    } catch (error) {
      if (troubleOf(error) !== 'event') throw error
      if (rows.length === 1) {
        refused.set(row, `The database refuses it: ${messageOf(error)}`)
        return 0
      }
      const half = Math.ceil(rows.length / 2)
      const first = await writeAll(rows.slice(0, half), received, refused)
      return first + (await writeAll(rows.slice(half), received, refused))
    }
  }

  return {
    async store(rows, received = now()) {
      const refused = new Map<StoredEvent, string>()
      const byKey = new Map<string, StoredEvent>()
      for (const row of rows) {
        const problem = keyProblem(row)
        if (problem) refused.set(row, problem)
        else if (!byKey.has(keyOf(row))) byKey.set(keyOf(row), row)
      }
      const fresh = await writeAll([...byKey.values()], received, refused)
      const verdicts = rows.map((row): Verdict => {
        const reason = refused.get(row) ?? refused.get(byKey.get(keyOf(row)) ?? row)
        return reason === undefined ? 'stored' : { refused: reason }
      })
      return { verdicts, fresh }
    },
  }
}

const keyOf = ({ time, id, source }: StoredEvent) => JSON.stringify([time.getTime(), id, source])

async function ask(pool: Pool, rows: readonly StoredEvent[], received: Date): Promise<number> {
  const client = await pool.connect()
  try {
    const { rows: answer } = await client.query<{ stored: number }>(storing, valuesOf(rows, received))
    client.release()
    return answer[0]?.stored ?? 0
  } catch (error) {
    // A connection on which nothing is heard any more would go back to the others.
    client.release(troubleOf(error) === 'away')
    throw error
  }
}
