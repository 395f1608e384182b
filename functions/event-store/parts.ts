import { type Kysely, sql } from 'kysely'
import type { Tables } from '../../shared/database.ts'

/** A part of table `events`: what happened on one day, in UTC, and is kept for so many days. */
export type Part = { keep: number; day: number }

const dayLength = 24 * 3600_000

/** The part that a row lies in; undefined for what lies among the far ones. */
export const partOf = ({ time, keep }: { time: Date; keep: number }): Part | undefined =>
  keep > 0 ? { keep, day: Math.floor(time.getTime() / dayLength) } : undefined

/** `events_14d_20260131`, and that of its class `events_14d`. */
export const nameOf = ({ keep, day }: Part): string =>
  `${classNameOf(keep)}_${startOf(day).slice(0, 10).replaceAll('-', '')}`
const classNameOf = (keep: number) => `events_${keep}d`
const startOf = (day: number) => new Date(day * dayLength).toISOString()

/** The part of that name; undefined for any other table. */
export function partNamed(name: string): Part | undefined {
  const [, keep, year, month, date] = /^events_(\d+)d_(\d{4})(\d\d)(\d\d)$/.exec(name) ?? []
  if (keep === undefined) return undefined
  return { keep: Number(keep), day: Date.parse(`${year}-${month}-${date}T00:00:00Z`) / dayLength }
}

/** Is its last instant older than it is kept? */
export const isOver = ({ keep, day }: Part, now: number): boolean => (day + 1 + keep) * dayLength <= now

/** One at a time makes or drops parts, whichever process it is in. */
export const partsLock = sql`hashtext('ops-events: parts')`

/** Makes sure that parts are there; knows those that it has seen. */
export function partKeeper(db: Kysely<Tables>) {
  const known = new Set<string>()

  async function make(missing: Part[]): Promise<void> {
    await db.transaction().execute(async work => {
      // Storing waits no longer for whoever looks at the table; it is tried again.
      await sql`set local lock_timeout = '3s'`.execute(work)
      await sql`select pg_advisory_xact_lock(${partsLock})`.execute(work)
      for (const keep of new Set(missing.map(part => part.keep))) {
        if (await areThere(work, [classNameOf(keep)])) continue
        await sql`create table ${sql.id(classNameOf(keep))} partition of events for values in (${sql.lit(keep)})
          partition by range (time)`.execute(work)
      }
      for (const part of missing) if (!(await areThere(work, [nameOf(part)]))) await makeDay(work, part)
    })
  }

  return {
    /** @throws what the database says */
    async ensure(parts: (Part | undefined)[]): Promise<void> {
      const wanted = new Map(parts.flatMap(part => (part ? [[nameOf(part), part]] : [])))
      const missing = [...wanted].flatMap(([name, part]) => (known.has(name) ? [] : [part]))
      if (missing.length === 0) return
      if (!(await areThere(db, missing.map(nameOf)))) await make(missing)
      for (const name of wanted.keys()) known.add(name)
    },
    /** Somebody dropped some. */
    forget: () => known.clear(),
  }
}

// Attached, not made in place: nobody who reads or writes other days has to wait for that.
async function makeDay(work: Kysely<Tables>, part: Part): Promise<void> {
  const [name, parent] = [sql.id(nameOf(part)), sql.id(classNameOf(part.keep))]
  const [from, to] = [sql.lit(startOf(part.day)), sql.lit(startOf(part.day + 1))]
  await sql`create table ${name} (like ${parent} including defaults including indexes)`.execute(work)
  await sql`alter table ${parent} attach partition ${name} for values from (${from}) to (${to})`.execute(work)
}

async function areThere(work: Kysely<Tables>, names: string[]): Promise<boolean> {
  const { rows } = await sql<{ there: boolean }>`
    select bool_and(to_regclass(name) is not null) as there from unnest(${names}::text[]) as name`.execute(
    work,
  )
  return rows[0]?.there ?? false
}
