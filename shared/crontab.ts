import { readFields } from './crontab/fields.ts'
import { type DueTimes, localTimes } from './crontab/local.ts'
import { zoneOf } from './crontab/zone.ts'
import { durationOf } from './duration.ts'
import { isTimeZone } from './time-zone.ts'

/** What a crontab says of when something is due; all in Unix ms. */
export type Crontab = DueTimes

const nicknames = new Map([
  ['@hourly', '0 * * * *'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@weekly', '0 0 * * 0'],
  ['@monthly', '0 0 1 * *'],
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
])

const longest = 200

/**
 * Reads a crontab: five fields of minute, hour, day of the month, month and day of the week by the clock of a time zone,
 * `@hourly` and the like, or `@every 1h30m`, which is due at the Unix times that this divides. `CRON_TZ=Asia/Tokyo ` in
 * front names a zone of its own.
 */
export function readCrontab(text: string, timeZone: string): Crontab | { problem: string } {
  if (text.length > longest)
    return {
      problem: `Cannot read a crontab of ${text.length} characters: at most ${longest} are allowed, such as "30 6 * * 1"`,
    }
  const [, own, rest = ''] = /^\s*(?:(?:CRON_TZ|TZ)=(\S*)\s)?(.*)$/s.exec(text) ?? []
  const zone = own ?? timeZone
  if (!isTimeZone(zone))
    return {
      problem: `Cannot read crontab "${text}": there is no time zone "${zone}": UTC is one, and Asia/Shanghai`,
    }
  const crontab = rest.trim()
  const every = /^@every\s+(.*)$/i.exec(crontab)?.[1]
  if (every !== undefined) return readEvery(every)
  const named = nicknames.get(crontab.toLowerCase()) ?? crontab
  const fields = named.startsWith('@')
    ? { problem: `there is no such name: there are ${[...nicknames.keys()].join(', ')} and "@every 5m"` }
    : readFields(named)
  if ('problem' in fields) return { problem: `Cannot read crontab "${text}": ${fields.problem}` }
  return localTimes(fields.times, zoneOf(zone), fields)
}

function readEvery(duration: string): Crontab | { problem: string } {
  const ms = durationOf(duration)
  if (ms === undefined || ms < 1_000 || ms % 1_000 !== 0 || !Number.isSafeInteger(ms))
    return {
      problem: `Cannot read crontab "@every ${duration}": it has to be a duration of whole seconds, one at least, such as @every 5m or @every 1h30m`,
    }
  return {
    next: after => (Math.floor(after / ms) + 1) * ms,
    within(from, to) {
      const count = Math.max(Math.floor(to / ms) - Math.floor(from / ms), 0)
      return { count, latest: count > 0 ? Math.floor(to / ms) * ms : undefined }
    },
  }
}
