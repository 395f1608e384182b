import { Cron } from 'croner'
import { type Days, type WallTimes, wallTimes } from './wall.ts'

const day = 86_400_000

/** The five fields, what they take, and how that is written. */
const fields = [
  { name: 'minute', takes: '0 to 59', like: '30, */15 or 0,30' },
  { name: 'hour', takes: '0 to 23', like: '6, */2 or 8-18' },
  { name: 'day of the month', takes: '1 to 31', like: '1, */2 or 1,15' },
  { name: 'month', takes: '1 to 12 or JAN to DEC', like: '1, */3 or MAR-OCT' },
  { name: 'day of the week', takes: '0 to 7 or SUN to SAT', like: '1, MON-FRI or 0,6' },
]

/** What five fields say: when, and whether that is every hour, and in steps of minutes. */
export type Fields = { times: WallTimes; everyHour: boolean; steps: boolean }

/** Reads the five fields of a crontab, or says which one is wrong. */
export function readFields(text: string): Fields | { problem: string } {
  const written = text.trim().split(/\s+/)
  if (written.length !== fields.length)
    return {
      problem: `it has ${written.length} ${written.length === 1 ? 'field' : 'fields'}, it has to have five: minute, hour, day of the month, month, day of the week, such as "30 6 * * 1"`,
    }
  for (const [index, { name, takes, like }] of fields.entries()) {
    const field = written[index] ?? ''
    if (!isRead(field, index))
      return {
        problem: `its ${name} is "${clipped(field)}", it has to be of ${takes}, ranges upwards and steps of 1 at least, such as ${like}`,
      }
  }
  const [minute = '', hour = '', ...rest] = written
  const hours = shownIn(`0 ${hour} * * *`, { units: 24, minutes: 60 })
  const minutes = shownIn(`${minute} 0 * * *`, { units: 60, minutes: 1 })
  const days = daysOf(rest)
  if (days.next(0) === undefined)
    return {
      problem: `it is never due: no month ${written[3] === '*' ? '' : `"${written[3]}" `}has a day "${written[2]}"`,
    }
  const times = wallTimes(minutes, hours, days)
  return { times, everyHour: hours.length === 24, steps: /^[*?]/.test(minute) }
}

// The parser takes more, of which no crontab knows: "/5", "+MON", "%".
const plain = /^([*?]|[a-z0-9#]+(-[a-z0-9]+)?)(\/\d+)?$/i

function isRead(field: string, index: number): boolean {
  if (!field.split(',').every(part => plain.test(part))) return false
  try {
    parsed(fields.map((_, at) => (at === index ? field : '*')).join(' '))
    return true
  } catch {
    // That it throws is how the parser says no; what it says counts from 0 in places.
    return false
  }
}

function parsed(crontab: string): Cron {
  const [, , dayOfMonth = '', , dayOfWeek = ''] = crontab.split(' ')
  return new Cron(crontab, {
    ...{ mode: '5-part', timezone: 'UTC', paused: true },
    // "5/15" is 5-59/15 to others who read crontabs.
    sloppyRanges: true,
    // One of the two days is enough, unless one is a wildcard, with steps or without.
    domAndDow: /^[*?]/.test(dayOfMonth) || /^[*?]/.test(dayOfWeek),
  })
}

const known = new Map<string, number[]>()

/** In which of the first units of a day a crontab is due, each of so many minutes. */
function shownIn(crontab: string, of: { units: number; minutes: number }): number[] {
  const key = `${crontab} of ${of.units}`
  const before = known.get(key)
  if (before) return before
  const cron = parsed(crontab)
  const found: number[] = []
  // A day like any other.
  for (let at = cron.nextRun(new Date(day - 1)); at; at = cron.nextRun(at)) {
    const unit = (at.getTime() - day) / (of.minutes * 60_000)
    if (unit >= of.units) break
    found.push(unit)
  }
  // Many have the same fields; somebody who makes up others does not fill the memory.
  if (known.size >= 1_000) known.clear()
  known.set(key, found)
  return found
}

function daysOf(written: string[]): Days {
  if (written.every(field => /^[*?]$/.test(field))) return { next: at => at, last: at => at, all: true }
  const cron = parsed(`0 0 ${written.join(' ')}`)
  const dayOf = (time: Date | null | undefined) => (time ? time.getTime() / day : undefined)
  return {
    // Behind and before what it is handed.
    next: at => dayOf(cron.nextRun(new Date(at * day - 1))),
    last: at => dayOf(cron.previousRuns(1, new Date(at * day + 1))[0]),
    all: false,
  }
}

const clipped = (text: string) => (text.length > 40 ? `${text.slice(0, 39)}…` : text)
