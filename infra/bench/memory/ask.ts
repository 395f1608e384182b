import { Pool } from 'undici'
import { type Stand, secrets } from '../stand.ts'
import type { Question } from './questions.ts'

/** How long each question took, in ms, by its name. */
export type Asked = Record<string, number[]>

const warmUp = 3

/** Asks each of the questions so often, in turn, of ops-api on that database. */
export async function askAll(
  stand: Stand,
  about: { database: string; questions: Question[]; times: number },
): Promise<Asked> {
  const { database, questions, times } = about
  const { url, child } = await stand.door('ops-api', { DATABASE_URL: database, API_RATE: '1000000' })
  const pool = new Pool(url, { connections: 1 })
  const headers = { authorization: `Bearer ${secrets.server}` }
  const asked: Asked = Object.fromEntries(questions.map(({ name }) => [name, []]))
  for (let turn = 0; turn < times + warmUp; turn++) {
    for (const { name, path } of questions) {
      const since = performance.now()
      const answered = await pool.request({ method: 'GET', path: path(turn), headers })
      const text = await answered.body.text()
      if (answered.statusCode !== 200)
        throw new Error(`${path(turn)} was answered ${answered.statusCode} ${text.slice(0, 200)}`)
      if (turn >= warmUp) asked[name]?.push(performance.now() - since)
    }
  }
  await pool.close()
  await child.stop()
  return asked
}
