import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Moment, readBody, readQuery, whole } from '../../../functions/ops-api/read.ts'

const Shape = z.strictObject({
  name: z.string(),
  many: whole(1, 9).default(3),
  at: Moment.optional(),
  parts: z.array(z.strictObject({ size: z.number().optional() })).default([]),
})

describe('readBody()', () => {
  it('is what the schema makes of it', () => {
    expect(readBody(Shape, { name: 'a', at: 5 })).toEqual({ value: { name: 'a', many: 3, at: 5, parts: [] } })
    expect(readBody(Shape, { name: 'a', at: '2026-01-31T12:00:00+01:00' })).toMatchObject({
      value: { at: Date.parse('2026-01-31T11:00:00Z') },
    })
  })

  it.each([
    [[], 400, 'Cannot read the body: it has to be a JSON object'],
    [{}, 422, 'Cannot read the body: name: it is missing'],
    [{ name: 'a', many: 10 }, 422, 'Cannot read the body: many: it has to be a whole number from 1 to 9'],
    [{ name: 'a', many: 1.5 }, 422, 'Cannot read the body: many: it has to be a whole number from 1 to 9'],
    [
      { nam: 'a' },
      422,
      'Cannot read the body: name: it is missing; there is no field "nam", did you mean "name"?',
    ],
    [
      { name: 'a', parts: [{ sise: 1 }] },
      422,
      'Cannot read the body: there is no field "parts.0.sise", did you mean "size"?',
    ],
  ])('refuses %j', (body, status, message) => {
    expect(readBody(Shape, body)).toEqual({ status, message })
  })
})

describe('readQuery()', () => {
  it('reads numbers and times as they stand in a URL', () => {
    const query = new URLSearchParams('name=a&many=7&at=1790000000000')
    expect(readQuery(Shape, query)).toMatchObject({ value: { many: 7, at: 1_790_000_000_000 } })
  })

  it.each(['many=x', 'many=', 'many=1e1', 'many=-1', 'many=99999999999999999999'])('refuses %s', query => {
    expect(readQuery(Shape, new URLSearchParams(`name=a&${query}`))).toEqual({
      status: 400,
      message: 'Cannot read the parameters: many: it has to be a whole number from 1 to 9',
    })
  })
})
