import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Crontab, readCrontab } from '../../shared/crontab.ts'

const ms = (time: string) => Date.parse(time)
const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]

function read(text: string, timeZone = 'UTC'): Crontab {
  const crontab = readCrontab(text, timeZone)
  if ('problem' in crontab) throw new Error(crontab.problem)
  return crontab
}

const problemOf = (text: string, timeZone = 'UTC') => {
  const crontab = readCrontab(text, timeZone)
  return 'problem' in crontab ? crontab.problem : undefined
}

/** All that is due behind `from` and until `to`, as times of UTC. */
function dueIn(crontab: Crontab, from: string, to: string): string {
  const times: string[] = []
  for (let at = crontab.next(ms(from)); at !== undefined && at <= ms(to); at = crontab.next(at))
    times.push(new Date(at).toISOString().slice(11, 16))
  return times.join(' ')
}

const nextOf = (text: string, after: string, timeZone?: string) =>
  new Date(read(text, timeZone).next(ms(after)) ?? Number.NaN).toISOString()

// A Saturday.
const now = '2026-11-21T18:00:00Z'

describe('readCrontab()', () => {
  it.each([
    ['30 * * * *', '2026-11-21T18:30:00.000Z'],
    ['*/15 * * * *', '2026-11-21T18:15:00.000Z'],
    ['5/20 * * * *', '2026-11-21T18:05:00.000Z'],
    ['0 6 * * 1-5', '2026-11-23T06:00:00.000Z'],
    ['0 6 * * MON-fri', '2026-11-23T06:00:00.000Z'],
    ['0 6 * * 7', '2026-11-22T06:00:00.000Z'],
    ['0 0 1,15 */3 *', '2027-01-01T00:00:00.000Z'],
    ['0 0 1 JAN ?', '2027-01-01T00:00:00.000Z'],
    // One of the two days is enough,
    ['0 0 30 11 sun', '2027-11-07T00:00:00.000Z', '2026-11-30T00:00:00Z'],
    ['0 0 13 * 5', '2026-11-27T00:00:00.000Z'],
    // unless one is a wildcard with steps.
    ['0 0 */2 * 1', '2026-12-07T00:00:00.000Z', '2026-11-23T00:00:00Z'],
    ['0 0 29 2 *', '2028-02-29T00:00:00.000Z'],
    ['\t5  4 * * *\n', '2026-11-22T04:05:00.000Z'],
    ['@hourly', '2026-11-21T19:00:00.000Z'],
    ['@daily', '2026-11-22T00:00:00.000Z'],
    ['@midnight', '2026-11-22T00:00:00.000Z'],
    ['@weekly', '2026-11-22T00:00:00.000Z'],
    ['@Monthly', '2026-12-01T00:00:00.000Z'],
    ['@yearly', '2027-01-01T00:00:00.000Z'],
    ['@annually', '2027-01-01T00:00:00.000Z'],
    ['@every 5m', '2026-11-21T18:05:00.000Z'],
    ['@every 90s', '2026-11-21T18:01:30.000Z'],
    ['@every 1h30m', '2026-11-21T19:30:00.000Z'],
    ['@every 1s', '2026-11-21T18:00:01.000Z'],
    ['CRON_TZ=Asia/Tokyo 0 6 * * *', '2026-11-21T21:00:00.000Z'],
    ['TZ=Asia/Tokyo @daily', '2026-11-22T15:00:00.000Z', '2026-11-21T15:00:00Z'],
  ])('reads "%s"', (text, next, after = now) => {
    expect(nextOf(text, after)).toBe(next)
  })

  it.each([
    ['61 * * * *', 'its minute is "61", it has to be of 0 to 59'],
    ['0 24 * * *', 'its hour is "24", it has to be of 0 to 23'],
    ['0 0 0 * *', 'its day of the month is "0", it has to be of 1 to 31'],
    ['0 0 1 13 *', 'its month is "13", it has to be of 1 to 12 or JAN to DEC'],
    ['0 0 1 januar *', 'its month is "januar"'],
    ['0 0 * * 8', 'its day of the week is "8", it has to be of 0 to 7 or SUN to SAT'],
    ['*/0 * * * *', 'its minute is "*/0"'],
    ['*/61 * * * *', 'its minute is "*/61"'],
    ['5-1 * * * *', 'its minute is "5-1", it has to be of 0 to 59, ranges upwards'],
    ['1,,2 * * * *', 'its minute is "1,,2"'],
    ['/5 * * * *', 'its minute is "/5"'],
    ['-1 * * * *', 'its minute is "-1"'],
    ['1.5 * * * *', 'its minute is "1.5"'],
    ['at some time of day', 'its minute is "at"'],
    ['* * * * * *', 'it has 6 fields, it has to have five: minute, hour'],
    ['tomorrow', 'it has 1 field, it has to have five'],
    ['', 'it has to have five'],
    ['0 0 30 2 *', 'it is never due: no month "2" has a day "30"'],
    ['0 0 31 4,JUN *', 'it is never due: no month "4,JUN" has a day "31"'],
    ['constructor', 'it has 1 field, it has to have five'],
    ['__proto__', 'it has 1 field, it has to have five'],
    ['@reboot', 'there is no such name: there are @hourly, @daily'],
    ['@every', 'there is no such name'],
    ['@every soon', 'it has to be a duration of whole seconds'],
    ['@every 0s', 'one at least'],
    ['@every 500ms', 'one at least'],
    ['@every 1.5s', 'whole seconds'],
    ['@every -5m', 'it has to be a duration'],
    ['TZ=Mars/Olympus 0 6 * * *', 'there is no time zone "Mars/Olympus"'],
  ])('says what is wrong with "%s"', (text, problem) => {
    expect(problemOf(text)).toContain(`"${text}"`)
    expect(problemOf(text)).toContain(problem)
  })

  it('says that there is no such time zone', () => {
    expect(problemOf('0 6 * * *', 'Europe/Atlantis')).toContain('there is no time zone "Europe/Atlantis"')
  })

  it('does not read what no person writes', () => {
    expect(problemOf(`${'1,'.repeat(10_000)}1 * * * *`)).toContain('at most 200 are allowed')
  })

  it('never throws', () => {
    const piece = fc.constantFrom(
      '*',
      '?',
      '/',
      '-',
      ',',
      '5',
      '60',
      'L',
      '#',
      'W',
      'MON',
      '@every',
      '+',
      '%',
      ' ',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 15 }), fc.string(), (pieces, text) => {
        for (const one of [pieces.join(''), pieces.join(' '), text]) {
          const crontab = readCrontab(one, 'Europe/Berlin')
          if ('problem' in crontab) expect(crontab.problem).toContain('Cannot read')
          else expect(crontab.next(ms(now))).toBeGreaterThan(ms(now))
        }
      }),
      { seed: 5, numRuns: 300 },
    )
  })
})

// [zone, crontab, from, to, what is due (UTC)]
const changes: [string, string, string, string, string][] = [
  // Forward at 01:00 UTC: 02:00 to 03:00 is left out.
  ['Europe/Berlin', '30 2 * * *', '2026-03-28T02:00Z', '2026-03-30T02:00Z', '01:00 00:30'],
  ['Europe/Berlin', '30 1,2 * * *', '2026-03-29T00:00Z', '2026-03-29T04:00Z', '00:30 01:00'],
  ['Europe/Berlin', '*/20 2 * * *', '2026-03-29T00:00Z', '2026-03-29T04:00Z', '01:00'],
  ['Europe/Berlin', '0 2,3 * * *', '2026-03-29T00:00Z', '2026-03-29T04:00Z', '01:00'],
  ['Europe/Berlin', '0 */2 * * *', '2026-03-28T22:00Z', '2026-03-29T04:00Z', '23:00 01:00 02:00 04:00'],
  ['Europe/Berlin', '0 * * * *', '2026-03-28T23:30Z', '2026-03-29T03:00Z', '00:00 01:00 02:00 03:00'],
  ['Europe/Berlin', '30 * * * *', '2026-03-28T23:30Z', '2026-03-29T03:00Z', '00:30 01:30 02:30'],
  ['Europe/Berlin', '*/15 * * * *', '2026-03-29T00:30Z', '2026-03-29T01:30Z', '00:45 01:00 01:15 01:30'],
  // Back at 01:00 UTC: 02:00 to 03:00 comes twice.
  ['Europe/Berlin', '30 2 * * *', '2026-10-24T01:00Z', '2026-10-26T02:00Z', '00:30 01:30'],
  ['Europe/Berlin', '30 1,2 * * *', '2026-10-24T23:00Z', '2026-10-25T03:00Z', '23:30 00:30'],
  ['Europe/Berlin', '0 */2 * * *', '2026-10-24T21:00Z', '2026-10-25T03:00Z', '22:00 00:00 03:00'],
  ['Europe/Berlin', '0 * * * *', '2026-10-24T23:00Z', '2026-10-25T03:00Z', '00:00 01:00 02:00 03:00'],
  ['Europe/Berlin', '*/15 * * * *', '2026-10-25T00:30Z', '2026-10-25T01:30Z', '00:45 01:00 01:15 01:30'],
  // At 07:00 and 06:00 UTC.
  ['America/New_York', '30 2 * * *', '2026-03-08T00:00Z', '2026-03-09T12:00Z', '07:00 06:30'],
  ['America/New_York', '0 * * * *', '2026-03-08T05:00Z', '2026-03-08T09:00Z', '06:00 07:00 08:00 09:00'],
  ['America/New_York', '*/15 * * * *', '2026-03-08T06:30Z', '2026-03-08T07:30Z', '06:45 07:00 07:15 07:30'],
  ['America/New_York', '30 1 * * *', '2026-11-01T00:00Z', '2026-11-02T12:00Z', '05:30 06:30'],
  ['America/New_York', '0 * * * *', '2026-11-01T04:00Z', '2026-11-01T08:00Z', '05:00 06:00 07:00 08:00'],
  ['America/New_York', '*/15 * * * *', '2026-11-01T05:30Z', '2026-11-01T06:30Z', '05:45 06:00 06:15 06:30'],
  // By half an hour: forward at 15:30 UTC, where it is 02:00, and back at 15:00 UTC, where it is 02:00 too.
  ['Australia/Lord_Howe', '30 2 * * *', '2026-10-02T16:30Z', '2026-10-04T16:00Z', '15:30 15:30'],
  ['Australia/Lord_Howe', '10 2 * * *', '2026-10-03T12:00Z', '2026-10-04T12:00Z', '15:30'],
  ['Australia/Lord_Howe', '0 * * * *', '2026-10-03T14:00Z', '2026-10-03T17:00Z', '14:30 15:30 16:00 17:00'],
  [
    'Australia/Lord_Howe',
    '*/15 * * * *',
    '2026-10-03T15:00Z',
    '2026-10-03T16:00Z',
    '15:15 15:30 15:45 16:00',
  ],
  ['Australia/Lord_Howe', '45 1 * * *', '2026-04-04T12:00Z', '2026-04-05T12:00Z', '14:45'],
  ['Australia/Lord_Howe', '30 * * * *', '2026-04-04T14:00Z', '2026-04-04T17:00Z', '14:30 16:00 17:00'],
  [
    'Australia/Lord_Howe',
    '*/15 * * * *',
    '2026-04-04T14:30Z',
    '2026-04-04T15:30Z',
    '14:45 15:00 15:15 15:30',
  ],
  // Samoa has had no 30 December 2011: it is due as the 31st begins, at 10:00 UTC.
  ['Pacific/Apia', '30 6 * * *', '2011-12-29T00:00Z', '2012-01-01T00:00Z', '16:30 10:00 16:30 16:30'],
]

describe('what is due where clocks are changed', () => {
  it.each(changes)('in %s by "%s" from %s to %s: %s', (zone, text, from, to, due) => {
    expect(dueIn(read(text, zone), from, to)).toBe(due)
  })

  it('is every day once, in all zones, whatever time of day it names', () => {
    const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'))
    const within = (most: number) => fc.integer({ min: 0, max: most })
    fc.assert(
      fc.property(zones, within(23), within(59), (zone, hours, minutes) => {
        const crontab = read(`${minutes} ${hours} * * *`, zone)
        const { count } = crontab.within(ms('2026-01-01T00:00Z'), ms('2027-01-01T00:00Z'))
        expect(Math.abs(count - 365)).toBeLessThanOrEqual(1)
        let before = crontab.next(ms('2026-01-01T00:00Z')) ?? 0
        for (let runs = 0; runs < 366; runs++) {
          const next = crontab.next(before) ?? 0
          expect(Math.abs(next - before - day)).toBeLessThanOrEqual(2 * hour)
          before = next
        }
      }),
      { seed: 5, numRuns: 40 },
    )
  })
})

describe('within()', () => {
  const zones = ['UTC', 'Europe/Berlin', 'Australia/Lord_Howe', 'America/New_York']
  const texts = [
    '*/7 * * * *',
    '30 2 * * *',
    '0 */2 * * 1-5',
    '10,50 1-3 * * *',
    '0 0 1 * *',
    '@every 7m',
    '0 12 29 2 *',
  ]

  it('counts what one would find one by one, and knows the latest', () => {
    const start = fc.integer({ min: ms('2026-01-01T00:00Z'), max: ms('2026-12-31T00:00Z') })
    const length = fc.integer({ min: 0, max: 5 * day })
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.constantFrom(...texts),
        start,
        length,
        (zone, text, from, long) => {
          const crontab = read(text, zone)
          const all: number[] = []
          for (let at = crontab.next(from); at !== undefined && at <= from + long; at = crontab.next(at))
            all.push(at)
          expect(crontab.within(from, from + long)).toEqual({ count: all.length, latest: all.at(-1) })
        },
      ),
      { seed: 5, numRuns: 300 },
    )
  })

  it('counts millions without finding each', () => {
    const to = ms(now)
    expect(read('@every 1s').within(to - 60 * day, to)).toEqual({ count: 60 * 86_400, latest: to })
    expect(read('* * * * *', 'Europe/Berlin').within(to - 3650 * day, to)).toEqual({
      count: 3650 * 1440,
      latest: to,
    })
  })

  it('finds what a clock that shows each minute would', () => {
    // The API server and people see the same clock: UTC has no changes that could tell otherwise.
    const field = (most: number) =>
      fc.oneof(
        fc.constant('*'),
        fc.integer({ min: 1, max: Math.min(most, 20) }).map(step => `*/${step}`),
        fc
          .uniqueArray(fc.integer({ min: 0, max: most }), { minLength: 1, maxLength: 4 })
          .map(list => list.join(',')),
      )
    const shows = (written: string, value: number) => {
      if (written.startsWith('*')) return value % Number(written.split('/')[1] ?? 1) === 0
      return written.split(',').includes(String(value))
    }
    fc.assert(
      fc.property(field(59), field(23), field(6), (minutes, hours, weekdays) => {
        const expected: number[] = []
        for (let at = ms(now) + minute; at <= ms(now) + 3 * day; at += minute) {
          const date = new Date(at)
          if (
            shows(minutes, date.getUTCMinutes()) &&
            shows(hours, date.getUTCHours()) &&
            shows(weekdays, date.getUTCDay())
          )
            expected.push(at)
        }
        const crontab = read(`${minutes} ${hours} * * ${weekdays}`)
        expect(crontab.within(ms(now), ms(now) + 3 * day)).toEqual({
          count: expected.length,
          latest: expected.at(-1),
        })
        if (expected.length > 0) expect(crontab.next(ms(now))).toBe(expected[0])
      }),
      { seed: 5, numRuns: 100 },
    )
  })
})
