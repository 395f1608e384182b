import fc from 'fast-check'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { groupsOf } from '../../../../functions/ops-api/events/aggregate.ts'
import { fits } from '../../../../functions/ops-api/events/fits.ts'
import { isCounted } from '../../../../functions/ops-api/events/rollup.ts'
import { dimensions } from '../../../../functions/ops-api/events/shapes.ts'
import { subjectSql } from '../../../../functions/ops-api/events/subject-sql.ts'
import { whereOf } from '../../../../functions/ops-api/events/where.ts'
import { keptSql } from '../../../../shared/kept.ts'
import { isDecidedByScope, scopeOf } from '../../../../shared/scope.ts'
import { subjectMatches } from '../../../../shared/subject.ts'
import { anyPattern, anyRow, minute, noon, openStored, reader, sparse } from './rig.ts'

const { db, store } = await openStored()
const seed = 6
const rows = fc.sample(anyRow, { numRuns: 1_500, seed })
const { fresh } = await store(rows, new Date(noon))
const all = { start: 0, end: noon + 60 * minute, now: noon }
const keyOf = ({ id, source }: { id: string; source: string }) => `${id} ${source}`

it('all of them are there', () => expect(fresh).toBe(rows.length))

describe('subjectSql() says what subjectMatches() says', () => {
  const hostile = [
    'ops.a.b',
    'ops.a_b',
    'ops.a%b.c',
    'ops..a',
    'ops.',
    '.',
    '',
    'ops/a',
    'ops',
    'ops.A.b',
    'ops.a\nb.c',
  ]
  const strange = fc.oneof(
    fc.constantFrom(...hostile),
    fc
      .array(fc.string({ unit: 'binary', maxLength: 3 }), { maxLength: 4 })
      .map(tokens => tokens.join('.').replaceAll('\0', '')),
    fc
      .array(fc.constantFrom('a', 'b', 'a+', '(', '\\', '[', '^', '$', '{1}', '|', '?'), {
        minLength: 1,
        maxLength: 4,
      })
      .map(tokens => tokens.join('.')),
  )
  const strangePattern = fc
    .array(
      fc.constantFrom(
        '*',
        'a',
        'b',
        'a+',
        '(',
        '\\',
        '\\d',
        '[',
        '^',
        '$',
        '{1}',
        '|',
        '?',
        '_',
        '%',
        "'",
        '-',
      ),
      { minLength: 1, maxLength: 4 },
    )
    .chain(tokens => fc.constantFrom(tokens.join('.'), `${tokens.join('.')}.>`))

  it.each([
    ['of the product', anyPattern, fc.constantFrom(...new Set(rows.map(({ subject }) => subject)))],
    ['of strangers', strangePattern, strange],
  ])('for names %s', async (_, patterns, subjects) => {
    const there = fc.sample(subjects, { numRuns: 300, seed }).map(text => text.toWellFormed())
    for (const pattern of fc.sample(patterns, { numRuns: 120, seed })) {
      const column = sql.ref<string>('given.subject')
      const found = await sql<{ at: number }>`
        select at::integer from unnest(${there}::text[]) with ordinality as given(subject, at)
        where ${subjectSql(column, pattern)} order by at`.execute(db)
      const expected = there.flatMap((subject, at) => (subjectMatches(pattern, subject) ? [at + 1] : []))
      expect(
        found.rows.map(({ at }) => at),
        pattern,
      ).toEqual(expected)
    }
  })
})

it('a pattern that is decided by the scope matches all or none of its subjects', () => {
  const pair = fc.tuple(anyPattern, anyRow)
  fc.assert(
    fc.property(pair, ([pattern, { subject }]) => {
      if (isDecidedByScope(pattern))
        expect(subjectMatches(pattern, scopeOf(subject))).toBe(subjectMatches(pattern, subject))
    }),
    { numRuns: 5_000, seed },
  )
})

it('what is found in the database is what fits one by one, for every filter and token', async () => {
  const kept = new Set(
    (await db.selectFrom('events').select(['id', 'source']).where(keptSql(noon)).execute()).map(keyOf),
  )
  expect(kept.size).toBeLessThan(rows.length)
  const questions = fc.sample(fc.tuple(sparse, fc.array(anyPattern, { maxLength: 3 })), {
    numRuns: 300,
    seed,
  })
  let hits = 0
  for (const [filter, read] of questions) {
    const token = reader(...read)
    const found = await db
      .selectFrom('events')
      .select(['id', 'source'])
      .where(whereOf(filter, token, all))
      .execute()
    const expected = rows.filter(row => kept.has(keyOf(row)) && fits(row, filter, token))
    expect(found.map(keyOf).sort(), JSON.stringify([filter, read])).toEqual(expected.map(keyOf).sort())
    if (found.length > 0) hits++
  }
  expect(hits).toBeGreaterThan(80)
})

it('the roll-up tells what the events tell, for every question and token that it is asked for', async () => {
  const question = fc.record({
    filter: sparse,
    read: fc.array(anyPattern, { minLength: 1, maxLength: 3 }),
    by: fc.uniqueArray(fc.constantFrom(...dimensions), { maxLength: 3 }),
    bucket: fc.constantFrom(undefined, 5 * minute, 60 * minute, 24 * 60 * minute),
    start: fc.integer({ min: noon - 11 * 24 * 60 * minute, max: noon }),
    length: fc.integer({ min: 1, max: 12 * 24 * 60 * minute }),
    now: fc.integer({ min: noon, max: noon + 14 * 24 * 60 * minute }),
    top: fc.constantFrom(1, 3, 1_000),
  })
  let told = 0
  for (const { filter, read, by, bucket, start, length, now, top } of fc.sample(question, {
    numRuns: 1_000,
    seed,
  })) {
    const counting = { filter, by, bucket }
    const token = reader(...read)
    if (!isCounted(counting, token)) continue
    const asked = { token, range: { start, end: start + length }, now, top }
    const byCounts = await groupsOf(db, counting, asked)
    const byEvents = await groupsOf(db, counting, { ...asked, rollup: false })
    expect(byCounts.rows, JSON.stringify({ counting, read, asked })).toEqual(byEvents.rows)
    if (byCounts.from === 'counts' && byCounts.rows.length > 0) told++
  }
  expect(told).toBeGreaterThan(50)
})
