import { expect, it } from 'vitest'
import { integerArray, textArray } from '../../../functions/event-store/arrays.ts'
import { openDatabase } from '../../../shared/adapters/database.ts'
import { quiet } from '../../quiet.ts'
import { ownPostgres } from '../../servers.ts'

const postgres = await ownPostgres()

it.each<(string | null)[]>([
  ['a', '', null, 'NULL', '{b,c}', '"', '\\', 'two\nlines\ttab', '，例😀e\u0301', 'x'.repeat(100_000)],
  ['none is null'],
  [null],
])('gives the database the texts as they are: %#', async (...texts) => {
  expect(await asked('text', textArray(texts))).toEqual(texts)
})

it('gives the database the numbers as they are', async () => {
  const numbers = [0, 1, -1, 255, 2 ** 31, -(2 ** 31) - 1, 2 ** 32, -(2 ** 40), 2 ** 53 - 1, 1 - 2 ** 53]
  expect(await asked('bigint', integerArray(numbers))).toEqual(numbers.map(String))
})

async function asked(type: string, array: Buffer): Promise<unknown> {
  const { pool, close } = openDatabase(postgres.url, { name: 'test', most: 1, patience: 5_000, log: quiet })
  const { rows } = await pool.query(
    `select value from unnest($1::${type}[]) with ordinality as given (value, at) order by at`,
    [array],
  )
  await close()
  return rows.map(({ value }) => value)
}
