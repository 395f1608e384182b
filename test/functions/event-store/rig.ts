import { onTestFinished } from 'vitest'
import { openStoring } from '../../../functions/event-store/open.ts'
import { readRetention, retentionOf } from '../../../functions/event-store/retention.ts'
import { classifierOf } from '../../../shared/classify.ts'
import { usualTerms } from '../../../shared/patterns/judge.ts'
import { ask } from '../../databases.ts'
import { minute, noon } from './events.ts'

export type Line = { level: 'debug' | 'info' | 'warn' | 'error'; message: string }

/** Databases of a PostgreSQL, one a test, and event-stores over them in this process. */
export function databasesOf(server: { url: string }) {
  let count = 0
  return {
    /** The URL of an empty database. */
    async fresh(): Promise<string> {
      const name = `test${count++}`
      await ask(server.url, `create database ${name}`)
      return server.url.replace(/\/[^/]*$/, `/${name}`)
    },
  }
}

/** An event-store until the test's end, at noon unless told. */
export async function open(url: string, { rules = '[]', now = () => new Date(noon) } = {}) {
  const lines: Line[] = []
  const logging = (level: Line['level']) => (_: object, message: string) =>
    void lines.push({ level, message })
  const log = {
    debug: logging('debug'),
    info: logging('info'),
    warn: logging('warn'),
    error: logging('error'),
  }
  const retention = retentionOf(await readRetention(rules, 'retention.yaml'))
  const patterns = { ...usualTerms, window: 60 * minute }
  const storing = openStoring(
    { url, retention, classify: classifierOf(), publish: async () => {}, patterns, now, log },
    () => [],
  )
  onTestFinished(() => storing.close())
  return Object.assign(storing, { lines })
}

/** The sums by which it is seen that each event is there once, and counted once. */
export async function sumsOf(url: string) {
  const [sums] = await ask<Record<string, number>>(
    url,
    `select (select count(*)::int from events) as events,
      (select count(distinct (id, source))::int from events) as ids,
      (select coalesce(sum(occurrences), 0)::int from events) as occurrences,
      (select coalesce(sum(events), 0)::int from counts) as counted,
      (select coalesce(sum(occurrences), 0)::int from counts) as counted_occurrences,
      (select coalesce(sum(events), 0)::int from subjects) as of_subjects`,
  )
  return sums
}

/** The same, as it has to be. */
export const sumsFor = (events: number, occurrences: number) => ({
  ...{ events, ids: events, occurrences },
  ...{ counted: events, counted_occurrences: occurrences, of_subjects: events },
})
