import { type Kysely, type SqlBool, sql } from 'kysely'
import type { z } from 'zod'
import type { Tables } from '../../../shared/database.ts'
import { quoted, type Refusal } from '../../../shared/refusal.ts'
import { eventOf } from '../../../shared/row.ts'
import { patternProblem } from '../../../shared/subject.ts'
import type { Token } from '../../../shared/tokens.ts'
import type { Answered } from '../route.ts'
import { rangeOf } from './filter.ts'
import { columns, type Row } from './item.ts'
import type { Published, Subjects } from './older-shapes.ts'
import { mostBytes } from './pages.ts'
import { anySubjectSql } from './subject-sql.ts'
import { whereOf } from './where.ts'
import type { World } from './world.ts'

/** The subjects that were seen, as far as the token may read them. */
export async function subjects(
  { asked, token }: { asked: z.output<typeof Subjects>; token: Token },
  world: World,
): Promise<Answered | Refusal> {
  const { search, page, page_size } = asked
  const column = sql.ref<string>('subjects.subject')
  const where = sql<SqlBool>`${anySubjectSql(column, token.read)} and position(${search} in ${column}) > 0`
  const found = await world.ask(async db => {
    const some = db.selectFrom('subjects').where(where)
    const some_page = some.select('subject').orderBy('subject').limit(page_size)
    const all = some.select(eb => eb.fn.countAll<string>().as('many'))
    return {
      list: await some_page.offset((page - 1) * page_size).execute(),
      total: Number((await all.executeTakeFirstOrThrow()).many),
    }
  })
  if ('status' in found) return found
  return { data: { list: found.list.map(({ subject }) => subject), total: found.total, page, page_size } }
}

/** The latest events of a subject pattern, as the older system showed them. */
export async function published(
  { asked, subject, token }: { asked: z.output<typeof Published>; subject: string; token: Token },
  world: World,
): Promise<Answered | Refusal> {
  const pattern = subject.toLowerCase()
  const problem = patternProblem(pattern)
  if (problem) return { status: 400, message: `${quoted(subject)} is no subject pattern: ${problem}` }
  const { start_time = 0, end_time, max_length, page, page_size } = asked
  const now = world.now()
  const range = rangeOf({ start_time, end_time }, now)
  if ('status' in range) return range
  const where = whereOf({ subject: pattern }, token, { ...range, now })
  const skip = (page - 1) * page_size
  // Counted first: what comes meanwhile makes no page look too large.
  const found = await world.ask(async db => ({
    total: await countOf(db, where, max_length),
    list: await pageOf(db, where, { skip, most: Math.min(page_size, max_length - skip) }),
  }))
  if ('status' in found) return found
  if (found.list.length === 0 && found.total > skip) return tooLarge
  return { data: { list: found.list.map(shown), total: found.total, page, page_size } }
}

type Where = ReturnType<typeof whereOf>

const tooLarge: Refusal = {
  status: 400,
  message: `Cannot read the parameters: page_size: these events have more than ${mostBytes} bytes together: ask for fewer`,
}

/** None where there is no room for all of them. */
async function pageOf(
  db: Kysely<Tables>,
  where: Where,
  { skip, most }: { skip: number; most: number },
): Promise<Row[]> {
  if (most <= 0) return []
  const query = db.selectFrom('events').select(columns).where(where)
  const page = query.orderBy('time', 'desc').orderBy('id', 'desc').limit(most).offset(skip)
  const { rows } = await sql<Row>`
    with found as (${page}), measured as (
      select *, sum(coalesce(octet_length(data::text), 0) + octet_length(attributes::text)) over () as bytes from found
    )
    select * from measured where bytes <= ${mostBytes} order by time desc, id desc`.execute(db)
  return rows
}

async function countOf(db: Kysely<Tables>, where: Where, most: number): Promise<number> {
  const some = db.selectFrom('events').select('id').where(where).limit(most).as('some')
  const { many } = await db
    .selectFrom(some)
    .select(eb => eb.fn.countAll<string>().as('many'))
    .executeTakeFirstOrThrow()
  return Number(many)
}

const shown = (row: Row) => ({
  subject: row.subject,
  event: eventOf(row),
  time: row.time.toISOString().slice(0, 19).replace('T', ' '),
})
