import { CloudEvent } from 'cloudevents'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventProblem, isEvent } from '../../shared/event.ts'

const event = { specversion: '1.0', id: '1', source: '/s', type: 't' }

describe('eventProblem()', () => {
  it.each([
    event,
    { ...event, subject: 'ops.a', time: '2026-01-31T12:00:00.123456+08:00', data: null, severitynumber: 13 },
    { ...event, time: null, ext1: null, flag: true },
    { ...event, data_base64: 'AAE=' },
    { ...event, data_base64: '' },
    { ...event, data_base64: '+/8=' },
  ])('finds nothing wrong with %j', value => {
    expect(eventProblem(value)).toBeUndefined()
    expect(isEvent(value)).toBe(true)
  })

  it.each([
    [null, /a CloudEvent is a JSON object/],
    [[event], /a CloudEvent is a JSON object/],
    [{ ...event, specversion: '0.3' }, /"specversion" is "0.3", it has to be "1.0"/],
    [{ ...event, id: undefined }, /"id" is missing/],
    [{ ...event, id: '' }, /"id" is "", it has to be a non-empty string/],
    [{ ...event, source: 7 }, /"source" is 7/],
    [{ ...event, type: null }, /"type" is null/],
    [{ ...event, subject: '' }, /"subject" is ""/],
    [{ ...event, time: 'yesterday' }, /"time" is "yesterday", it has to be an RFC 3339 timestamp/],
    [{ ...event, time: '2026-13-01T00:00:00Z' }, /"time"/],
    [{ ...event, data: 1, data_base64: 'AA==' }, /both "data" and "data_base64"/],
    [{ ...event, data_base64: 1 }, /"data_base64" has to be base64/],
    [{ ...event, data_base64: '!!' }, /"data_base64" has to be base64/],
    [{ ...event, data_base64: 'AAE' }, /with its padding/],
    [{ ...event, data_base64: 'AA=E' }, /"data_base64" has to be base64/],
    [{ ...event, Upper: 'x' }, /"Upper" has a name of other characters/],
    [{ ...event, 'with-dash': 'x' }, /"with-dash" has a name/],
    [{ ...event, extension: { a: 1 } }, /extension "extension" is \{"a":1\}/],
    [{ ...event, extension: 2 ** 31 }, /32-bit integer/],
    [{ ...event, extension: 1.5 }, /32-bit integer/],
  ])('of %j says %s', (value, problem) => {
    expect(eventProblem(value)).toMatch(problem)
  })

  it('takes what the SDK of CloudEvents makes', () => {
    const text = fc.string({ minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(
        text,
        fc.webUrl(),
        text,
        fc.jsonValue(),
        fc.nat(2 ** 31 - 1),
        (id, source, type, data, number) => {
          const made = new CloudEvent({ id, source, type, data, number, time: '2026-01-31T12:00:00.000Z' })
          expect(eventProblem(JSON.parse(JSON.stringify(made)))).toBeUndefined()
        },
      ),
    )
  })
})
