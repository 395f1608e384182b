import { describe, expect, test } from 'vitest'
import { drained, thousands } from '../../../infra/bench/result.ts'
import { cpuPerEvent, interleaved, quietOf, type Sample, totalOf } from '../../../infra/bench/rounds.ts'
import { judged, type Row } from '../../../infra/bench/row.ts'
import { table } from '../../../infra/bench/table.ts'

const row: Row = { name: 'bridge', value: 60_000, unit: 'events/s', against: 'raw', ratio: 0.5 }
const sample = (events: number, more: Partial<Sample> = {}): Sample => ({
  ...{ events, seconds: 2, cpu: { bridge: 1, nats: 0.5, bench: 3 }, others: 0 },
  ...more,
})

describe('judged()', () => {
  test('says whether the ratio reaches its goal', () => {
    expect(judged(row, { atLeast: 0.45 })).toEqual({ ...row, goal: 'at least 0.45', met: true })
    expect(judged(row, { atMost: 0.45 })).toEqual({ ...row, goal: 'at most 0.45', met: false })
  })

  test('judges the value where the goal is one of the value', () => {
    const late = { ...row, value: 12, unit: 'ms' }
    expect(judged(late, { of: 'value', atMost: 10 })).toMatchObject({ goal: 'at most 10 ms', met: false })
  })

  test('does not take a number that could not be measured for a goal that is met', () => {
    expect(judged({ ...row, ratio: Number.NaN }, { atMost: 4 }).met).toBe(false)
  })
})

describe('rounds', () => {
  test('take turns, and the first of each only warms up', async () => {
    const order: string[] = []
    const variant = (name: string) => async () => sample(order.push(name))
    const samples = await interleaved(
      { a: variant('a'), b: variant('b') },
      { rounds: 2, size: 1, patience: { left: 0 } },
    )
    expect(order.join('')).toBe('ababab')
    expect(samples.a.map(({ events }) => events)).toEqual([3, 5])
  })

  test('leave noisy ones out as long as a quiet one is there', () => {
    const [quiet, noisy] = [sample(1), sample(2, { others: 0.8 })]
    expect(quietOf([noisy, quiet])).toEqual([quiet])
    expect(quietOf([noisy])).toEqual([noisy])
  })
})

describe('results', () => {
  test('set a median rate against the other', () => {
    const against = { name: 'raw', samples: [sample(400), sample(200), sample(300)] }
    const expected = { name: 'x', value: 60, unit: 'events/s', against: 'raw', ratio: 0.4 }
    expect(drained('x', [sample(120)], against)).toEqual(expected)
  })

  test('tell the CPU of an event by process, the bench itself not among the sum', () => {
    const cpu = cpuPerEvent([sample(1_000_000)])
    expect(cpu).toEqual({ bridge: 1, nats: 0.5, bench: 3 })
    expect(totalOf(cpu)).toBe(1.5)
  })

  test.each([
    [12_345.6, '12,346'],
    [0.4567, '0.46'],
    [Number.NaN, 'NaN'],
  ])('write %d as %s', (value, text) => {
    expect(thousands(value)).toBe(text)
  })

  test('stand in columns', () => {
    const rows = [row, judged({ ...row, name: 'a longer name' }, { atLeast: 0.6 })]
    expect(table(rows)).toBe(
      [
        '  bridge         60,000 events/s  0.5 x raw',
        '  a longer name  60,000 events/s  0.5 x raw  MISSED (at least 0.6)',
      ].join('\n'),
    )
  })
})
