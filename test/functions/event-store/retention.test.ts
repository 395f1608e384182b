import { describe, expect, it } from 'vitest'
import { isOver, nameOf, partNamed, partOf } from '../../../functions/event-store/parts.ts'
import { readRetention, retentionOf } from '../../../functions/event-store/retention.ts'
import { classifierOf } from '../../../shared/classify.ts'
import { rowOf } from '../../../shared/row.ts'
import { backOff, day } from './events.ts'

const row = (severitynumber: number, more = {}) =>
  rowOf(backOff(1, { category: 'pod', severitynumber, ...more }), {
    ...{ received: new Date(), classify: classifierOf(), keepOf: () => 1 },
  })

describe('for how long an event is kept', () => {
  it.each<[string, string, number, number]>([
    ['no rule', '', 9, 14],
    ['no rule, and it is critical', '[]', 21, 90],
    ['the first rule that fits', '- {observation: events, keep: 3d}\n- {keep: 30d}', 21, 3],
    ['a severity of several', '- {severity: [error, critical], keep: 1d}', 17, 1],
    ['what is said when no rule fits', '- {namespace: other, keep: 1d}', 22, 90],
    [
      'each field of a rule',
      '- {kind: Pod, reason: Reason1, type: Warning, category: node, keep: 1d}',
      9,
      14,
    ],
    ['a rule for all', '- keep: 48h', 21, 2],
  ])('is told by %s', async (_, text, severity, days) => {
    expect(retentionOf(await readRetention(text, 'f')).keepOf(row(severity))).toBe(days)
  })

  it('knows the days that occur', async () => {
    const rules = await readRetention('- {type: a, keep: 90d}\n- {type: b, keep: 1d}', 'f')
    expect(retentionOf(rules).classes).toEqual([1, 14, 90])
  })

  it.each([
    [
      '- keep: 14d\n- observation: logs\n  keep: 36h',
      'f:3: keep: it has to be whole days from 1d to 3650d, such as 14d',
    ],
    ['- {keep: 14d}\n- {severity: bad, keep: 1d}', 'f:2: severity.0: Invalid option'],
    ['- keep: 14d\n- keep: 1d\n  sevrity: info', 'f:2: Unrecognized key: "sevrity"'],
    ['- severity: info', 'f:1: keep: Invalid input'],
    ['keep: 14d', 'f:1: Invalid input: expected array'],
    ['- {keep: 14d', 'f:1: '],
  ])('is refused with its line where it is %j', async (text, said) => {
    await expect(readRetention(text, 'f')).rejects.toThrow(said)
  })
})

describe('a part', () => {
  const part = { keep: 14, day: Date.parse('2026-01-31T00:00:00Z') / day }

  it('has its class and its day in its name', () => {
    expect(nameOf(part)).toBe('events_14d_20260131')
    expect(partNamed('events_14d_20260131')).toEqual(part)
    expect(partNamed('events_far')).toBeUndefined()
    expect(partOf({ keep: 14, time: new Date('2026-01-31T23:59:59.999Z') })).toEqual(part)
    expect(partOf({ keep: -14, time: new Date(0) })).toBeUndefined()
  })

  it('is over when its last instant is', () => {
    const midnight = Date.parse('2026-02-15T00:00:00Z')
    expect([isOver(part, midnight - 1), isOver(part, midnight)]).toEqual([false, true])
  })
})
