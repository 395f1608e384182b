import { join } from 'node:path'
import { Client } from 'pg'
import type { OpsEvent } from '../../shared/event.ts'
import { startPostgres } from '../local/servers.ts'
import type { Bench } from './bench.ts'
import { type Asked, askAll } from './memory/ask.ts'
import { copying } from './memory/copy.ts'
import { generated } from './memory/generate.ts'
import { inProcess, type Loader, throughDoor } from './memory/loader.ts'
import { questionsOn } from './memory/questions.ts'
import { readRecordings } from './memory/recording.ts'
import { thousands } from './result.ts'
import { judged, type Row } from './row.ts'
import { openStand } from './stand.ts'
import { median, percentile } from './stats.ts'

const days = 7
const chunk = 10_000

/** A million events of seven days: how fast they are stored, against COPY, and the ten questions that are asked first. */
export const memory: Bench = async effort => {
  const most = 1_000_000 * effort.size
  const until = Date.now()
  const stand = await openStand()
  const postgres = await startPostgres({ dir: join(stand.dir, 'postgres') })
  const base = async (name: string) => {
    await statement(postgres.url, `CREATE DATABASE ${name}`)
    return postgres.url.replace(/[^/]+$/, name)
  }
  try {
    const [few, many] = [await base('few'), await base('many')]
    const fewStored = await stored({ few: inProcess(stand, few) }, { count: most / 10, until })
    const rates = await stored(
      {
        ours: inProcess(stand, many),
        door: await throughDoor(stand, many),
        copy: await copying(await base('copied'), 'same'),
        bare: await copying(await base('bare'), 'none'),
      },
      { count: most, until },
    )
    await countAndTidy(few, most / 10)
    await countAndTidy(many, most)
    const ask = (database: string, some: OpsEvent[]) =>
      askAll(stand, { database, questions: questionsOn(some, until), times: effort.size < 1 ? 10 : 60 })
    const [before, now] = [await ask(few, fewStored.some), await ask(many, rates.some)]
    return { rows: [...storeRows(rates.perSecond), ...askRows(before, now)], notes: notesOf(now, most) }
  } finally {
    await postgres.stop()
    await stand.close()
  }
}

/** Stores all of it, a chunk by each way after the other; `ours` and `door` take turns, since both fill one table. */
async function stored<N extends string>(
  loaders: Record<N, Loader>,
  { count, until }: { count: number; until: number },
): Promise<{ perSecond: Record<string, number>; some: OpsEvent[] }> {
  const names = Object.keys(loaders) as N[]
  const all = Object.fromEntries(names.map(name => [name, { events: 0, seconds: 0 }]))
  const some: OpsEvent[] = []
  let turn = 0
  for (const events of chunksOf(generated(readRecordings(), { count, until, days, seed: 1 }))) {
    some.push(...events.filter((_, at) => at % (chunk / 20) === 7))
    const resting = turn++ % 2 === 0 ? 'door' : 'ours'
    for (const name of names.filter(name => name !== resting || names.length === 1)) {
      const seconds = await loaders[name].load(events)()
      const sum = all[name]
      if (!sum) continue
      sum.events += events.length
      sum.seconds += seconds
    }
  }
  await Promise.all(names.map(name => loaders[name].close()))
  const rates = Object.entries(all).map(([name, { events, seconds }]) => [name, events / seconds])
  return { perSecond: Object.fromEntries(rates), some }
}

function* chunksOf(events: Iterable<OpsEvent>): Generator<OpsEvent[]> {
  let some: OpsEvent[] = []
  for (const event of events) {
    some.push(event)
    if (some.length < chunk) continue
    yield some
    some = []
  }
  if (some.length > 0) yield some
}

/** What autovacuum does by itself in the days that the events come in. @throws Error where one is lost or there twice */
async function countAndTidy(url: string, expected: number): Promise<void> {
  const [row] = await statement(url, 'SELECT count(*)::int AS events FROM events')
  if (row?.events !== expected) throw new Error(`${expected} events were stored, ${row?.events} are there`)
  await statement(url, 'VACUUM (ANALYZE)')
}

async function statement(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query(text)
  await client.end()
  return rows
}

function storeRows({ ours = 0, door = 0, copy = 0, bare = 0 }: Record<string, number>): Row[] {
  const row = (name: string, value: number, against: string, other: number): Row => ({
    ...{ name, value, unit: 'events/s', against, ratio: value / other },
  })
  const goal = { atLeast: 0.3 }
  return [
    judged(row('store', ours, 'COPY of the same rows', copy), goal),
    judged(row('store-http', door, 'COPY of the same rows', copy), goal),
    row('COPY, same indices', copy, 'COPY into a table without any', bare),
  ]
}

const p95 = (times: number[] = []) => percentile(times, 0.95)

const askRows = (before: Asked, now: Asked): Row[] =>
  Object.entries(now).map(([name, times]) => {
    const ratio = p95(times) / p95(before[name])
    const row = {
      name: `ask: ${name}`,
      value: p95(times),
      unit: 'ms p95',
      against: 'a tenth of the events',
      ratio,
    }
    return judged(row, { of: 'value', atMost: 100 })
  })

const notesOf = (now: Asked, most: number): string[] => [
  `${thousands(most)} events over ${days} days; medians: ${Object.entries(now)
    .map(([name, times]) => `${name} ${thousands(median(times))} ms`)
    .join(', ')}`,
]
