import { describe, expect, it } from 'vitest'
import type { OpsEvent } from '../../shared/event.ts'
import { type Silence, SilenceSpec, silenceProblems, silencing, stateOf } from '../../shared/silence.ts'
import type { SilenceState } from '../../shared/silence-state.ts'

type Written = Parameters<typeof SilenceSpec.parse>[0] & object

const silence = (spec: Written, name = 'one'): Silence => ({
  id: `ops/${name}`,
  namespace: 'ops',
  name,
  spec: SilenceSpec.parse(spec),
})
const ms = (time: string) => Date.parse(time)
const noon = ms('2026-06-15T12:00:00Z')
const allDay = { from: '2026-06-15T00:00:00Z', until: '2026-06-16T00:00:00Z' }

const event: OpsEvent = {
  specversion: '1.0',
  id: '1',
  source: 'here',
  type: 'Kube',
  subject: 'ops.clusters.dev.namespaces.shop.pods.web-0.events',
  cluster: 'dev',
  data: { reason: 'BackOff', count: 3, namespace: 'shop' },
}

// [what, of the silence, is the event silenced]
const covered: [string, Written, boolean][] = [
  ['nothing given is everything', {}, true],
  ['its subject', { subject: 'ops.clusters.dev.namespaces.shop.>' }, true],
  ['its subject in capitals', { subject: 'OPS.clusters.DEV.>' }, true],
  ['another subject', { subject: 'ops.clusters.prod.>' }, false],
  ['an attribute', { matchers: [{ name: 'cluster', value: 'dev' }] }, true],
  ['another value', { matchers: [{ name: 'cluster', value: 'prod' }] }, false],
  ['part of a value', { matchers: [{ name: 'cluster', value: 'de' }] }, false],
  ['a field of the data', { matchers: [{ name: 'data.reason', value: 'BackOff' }] }, true],
  ['a number', { matchers: [{ name: 'data.count', value: '3' }] }, true],
  ['a bare name of the data', { matchers: [{ name: 'reason', value: 'BackOff' }] }, true],
  ['not that value', { matchers: [{ name: 'reason', op: '!=', value: 'BackOff' }] }, false],
  ['not another value', { matchers: [{ name: 'reason', op: '!=', value: 'Pulled' }] }, true],
  ['a name that stands for nothing is empty', { matchers: [{ name: 'team', value: '' }] }, true],
  ['and is not a value', { matchers: [{ name: 'team', op: '!=', value: 'a' }] }, true],
  ['and matches what takes nothing', { matchers: [{ name: 'team', op: '=~', value: 'a?' }] }, true],
  ['and not what takes something', { matchers: [{ name: 'team', op: '=~', value: '.+' }] }, false],
  ['a pattern', { matchers: [{ name: 'reason', op: '=~', value: 'Back.*|OOM.*' }] }, true],
  ['a pattern is anchored', { matchers: [{ name: 'reason', op: '=~', value: 'Back' }] }, false],
  ['with all its options', { matchers: [{ name: 'reason', op: '=~', value: 'x|Back' }] }, false],
  ['not a pattern', { matchers: [{ name: 'reason', op: '!~', value: 'Back.*' }] }, false],
  ['not one that is only in it', { matchers: [{ name: 'reason', op: '!~', value: 'Back' }] }, true],
  [
    'each matcher has to hold',
    {
      matchers: [
        { name: 'cluster', value: 'dev' },
        { name: 'reason', value: 'Pulled' },
      ],
    },
    false,
  ],
  ['for the hook', { hooks: ['ops/other', 'ops/pods'] }, true],
  ['for another hook', { hooks: ['ops/other'] }, false],
]

describe('silencing()', () => {
  it.each(covered)('%s', (_, spec, is) => {
    const one = silence({ ...allDay, ...spec })
    expect(silencing([one], noon)(event, 'ops/pods')).toBe(is ? one : undefined)
  })

  it('names the first silence that is in force and covers the event', () => {
    const expired = silence({ until: '2026-06-15T12:00:00Z' }, 'expired')
    const pending = silence({ from: '2026-06-15T12:00:01Z', until: '2027-01-01T00:00:00Z' }, 'pending')
    const other = silence({ ...allDay, subject: 'ops.clusters.prod.>' }, 'other')
    const active = silence(allDay, 'active')
    const all = [expired, pending, other, active]
    expect(silencing(all, noon)(event, 'ops/pods')).toBe(active)
    expect(silencing(all, noon + 1_000)(event, 'ops/pods'), 'a second later').toBe(pending)
    expect(silencing(all, noon - 1_000)(event, 'ops/pods'), 'a second before').toBe(expired)
  })

  it('silences nothing where there are none, and no event without a subject', () => {
    expect(silencing([], noon)(event, 'ops/pods')).toBeUndefined()
    const { subject: _, ...bare } = event
    expect(silencing([silence(allDay)], noon)(bare, 'ops/pods')).toBeUndefined()
  })
})

const iso = ({ state, until, next }: SilenceState) => ({
  state,
  ...(until !== undefined && { until: new Date(until).toISOString().slice(0, 16) }),
  ...(next !== undefined && { next: new Date(next).toISOString().slice(0, 16) }),
})
const every = (cron: string, duration: string, timeZone = 'UTC') => ({
  schedule: { cron, duration, timeZone },
})

// [what, spec, at, state]
const states: [string, Written, string, ReturnType<typeof iso>][] = [
  ['before from', allDay, '2026-06-14T23:59', { state: 'pending', next: '2026-06-15T00:00' }],
  ['at from', allDay, '2026-06-15T00:00', { state: 'active', until: '2026-06-16T00:00' }],
  ['at until', allDay, '2026-06-16T00:00', { state: 'expired' }],
  [
    'until alone',
    { until: '2026-06-16T00:00:00+02:00' },
    '2026-06-15T21:59',
    { state: 'active', until: '2026-06-15T22:00' },
  ],
  [
    'between two',
    every('0 22 * * *', '2h'),
    '2026-06-15T12:00',
    { state: 'pending', next: '2026-06-15T22:00' },
  ],
  [
    'as one begins',
    every('0 22 * * *', '2h'),
    '2026-06-15T22:00',
    { state: 'active', until: '2026-06-16T00:00', next: '2026-06-16T22:00' },
  ],
  [
    'past midnight',
    every('0 22 * * *', '4h'),
    '2026-06-16T01:59',
    { state: 'active', until: '2026-06-16T02:00', next: '2026-06-16T22:00' },
  ],
  [
    'as one ends',
    every('0 22 * * *', '4h'),
    '2026-06-16T02:00',
    { state: 'pending', next: '2026-06-16T22:00' },
  ],
  [
    'each longer than the time between',
    every('0 * * * *', '90m'),
    '2026-06-15T12:45',
    { state: 'active', until: '2026-06-15T13:30', next: '2026-06-15T13:00' },
  ],
  [
    'a weekday',
    every('0 22 * * SAT', '2h'),
    '2026-06-15T12:00',
    { state: 'pending', next: '2026-06-20T22:00' },
  ],
  [
    'elsewhere',
    every('0 22 * * *', '2h', 'Asia/Shanghai'),
    '2026-06-15T14:30',
    { state: 'active', until: '2026-06-15T16:00', next: '2026-06-16T14:00' },
  ],
  [
    'cut off by until',
    { ...every('0 22 * * *', '2h'), until: '2026-06-15T23:00:00Z' },
    '2026-06-15T22:30',
    { state: 'active', until: '2026-06-15T23:00' },
  ],
  [
    'with none left',
    { ...every('0 22 * * *', '2h'), until: '2026-06-16T12:00:00Z' },
    '2026-06-16T11:00',
    { state: 'expired' },
  ],
  [
    'not yet',
    { ...every('0 22 * * *', '2h'), from: '2026-06-15T12:00:00Z' },
    '2026-06-14T22:30',
    { state: 'pending', next: '2026-06-15T22:00' },
  ],
  [
    'from the middle of one',
    { ...every('0 22 * * *', '2h'), from: '2026-06-15T23:00:00Z' },
    '2026-06-15T22:30',
    { state: 'pending', next: '2026-06-15T23:00' },
  ],
  // Berlin goes from 02:00 to 03:00 on 2026-03-29 and from 03:00 back to 02:00 on 2026-10-25.
  [
    'in summer',
    every('30 2 * * *', '1h', 'Europe/Berlin'),
    '2026-03-28T00:00',
    { state: 'pending', next: '2026-03-28T01:30' },
  ],
  [
    'at a time that is left out',
    every('30 2 * * *', '1h', 'Europe/Berlin'),
    '2026-03-29T01:30',
    { state: 'active', until: '2026-03-29T02:00', next: '2026-03-30T00:30' },
  ],
  [
    'at a time that comes twice',
    every('30 2 * * *', '1h', 'Europe/Berlin'),
    '2026-10-25T00:45',
    { state: 'active', until: '2026-10-25T01:30', next: '2026-10-26T01:30' },
  ],
  [
    'the second time',
    every('30 2 * * *', '1h', 'Europe/Berlin'),
    '2026-10-25T01:45',
    { state: 'pending', next: '2026-10-26T01:30' },
  ],
  [
    'two hours over the gap',
    every('0 1 * * *', '2h', 'Europe/Berlin'),
    '2026-03-29T01:59',
    { state: 'active', until: '2026-03-29T02:00', next: '2026-03-29T23:00' },
  ],
]

describe('stateOf()', () => {
  it.each(states)('%s', (_, spec, at, state) => {
    expect(iso(stateOf(silence(spec), ms(`${at}:00Z`)))).toEqual(state)
  })

  it('says the same whether it was asked before or not, and in whatever order', () => {
    const spec = {
      ...every('*/20 * * * *', '7m', 'Europe/Berlin'),
      from: '2026-10-24T22:00:00Z',
      until: '2026-10-25T04:00:00Z',
    }
    const asked = silence(spec)
    const times = Array.from(
      { length: 400 },
      (_, n) => ms('2026-10-24T21:50:00Z') + ((n * 37) % 400) * 61_000,
    )
    for (const time of times) expect(stateOf(asked, time)).toEqual(stateOf(silence(spec), time))
  })
})

// [spec, field, what it says of it]
const broken: [Written, string, RegExp][] = [
  [{}, 'until', /it is missing: a silence has an end or a schedule/],
  [{ from: '2026-06-15T12:00:00Z', until: '2026-06-15T11:00:00Z' }, 'until', /not after from/],
  [{ ...allDay, subject: 'ops..pods' }, 'subject', /no subject pattern: token 2 is empty/],
  [{ ...allDay, subject: 'other.>' }, 'subject', /which no event has/],
  [{ ...allDay, hooks: ['ops/a', 'b'] }, 'hooks.1', /it is "b", it has to be namespace\/name/],
  [{ ...allDay, matchers: [{ name: 'a b', value: '' }] }, 'matchers.0.name', /is no name/],
  [{ ...allDay, matchers: [{ name: 'a', op: '=~', value: '(' }] }, 'matchers.0.value', /cannot be honoured/],
  [
    { ...allDay, matchers: [{ name: 'a', op: '!~', value: 'a)|(b' }] },
    'matchers.0.value',
    /cannot be honoured/,
  ],
  [
    every('0 25 * * *', '1h'),
    'schedule',
    /it is "0 25 \* \* \*", which is no cron: Invalid value for hour: 25/,
  ],
  [every('* * * * * *', '1h'), 'schedule', /it has to have five fields/],
  [every('@daily', '1h'), 'schedule', /it has to have five fields/],
  [every('2026-01-01 a b c d', '1h'), 'schedule', /no cron/],
  [every('0 0 30 2 *', '1h'), 'schedule', /never comes/],
  [every('0 0 * * *', '1h', 'Mars/Base'), 'schedule', /there is no time zone "Mars\/Base"/],
]

describe('silenceProblems()', () => {
  it.each(broken)('%j is refused: %s', (spec, field, problem) => {
    const problems = silenceProblems(SilenceSpec.parse(spec))
    expect(problems.map(({ path }) => path.join('.'))).toEqual([field])
    expect(problems[0]?.problem).toMatch(problem)
  })

  it.each(covered)('has nothing against: %s', (_, spec) => {
    expect(silenceProblems(SilenceSpec.parse({ ...allDay, ...spec }))).toEqual([])
  })

  it.each(states)('has nothing against: %s', (_, spec) => {
    expect(silenceProblems(SilenceSpec.parse(spec))).toEqual([])
  })

  it.each([
    { schedule: { cron: '0 0 * * *', duration: '30s' } },
    { schedule: { cron: '0 0 * * *', duration: '8d' } },
    { until: 'tomorrow' },
    { unti: '2026-06-15T11:00:00Z' },
  ])('%j is not even of its shape', spec => {
    expect(SilenceSpec.safeParse(spec).success).toBe(false)
  })
})
