import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { isObject, jsonAs, maxDepth, parseJson } from '../../shared/json.ts'

const read = (text: string): unknown => {
  const parsed = parseJson(text)
  if ('problem' in parsed) throw new Error(parsed.problem)
  return parsed.value
}

describe('jsonAs()', () => {
  it.each([
    ['{"at":7}', { at: 7 }],
    ['{"at":"7"}', undefined],
    ['{"at":', undefined],
    ['', undefined],
  ])('reads %j', (text, value) => {
    expect(jsonAs(z.object({ at: z.number() }), text)).toEqual(value)
  })
})

describe('parseJson()', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), text => {
        expect(JSON.stringify(read(text))).toBe(JSON.stringify(JSON.parse(text)))
      }),
    )
  })

  it.each([
    '{"n":9007199254740993}',
    '{"n":12345678901234567890,"m":1.50,"s":"1234567890123456"}',
    '[-0,1234567890123456789]',
  ])('keeps the numbers of %s as they were written', text => {
    expect(JSON.stringify(read(text))).toBe(text)
  })

  it.each(['', '{', '{"a" 1}', 'nonsense', "{'a':1}", '{"a":1}x', '{"a":01}'])('refuses %j', text => {
    expect(parseJson(text)).toEqual({ problem: expect.stringMatching(/^it is not JSON: ./) })
  })

  it('says where the text goes wrong', () => {
    expect(parseJson('{"a":1}x')).toEqual({ problem: expect.stringContaining('position 7') })
  })

  it('refuses nesting that is too deep, and takes what is just deep enough', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
    expect(parseJson(nested(maxDepth), maxDepth)).toHaveProperty('value')
    expect(parseJson(nested(maxDepth + 1), maxDepth)).toEqual({
      problem: 'it is nested deeper than 64 levels',
    })
    expect(parseJson('{"a":'.repeat(100_000))).toHaveProperty('problem')
  })

  it('reads past the door what was put around what came in through it', () => {
    const wrapped = `[{"data":${'['.repeat(maxDepth)}${']'.repeat(maxDepth)}}]`
    expect(parseJson(wrapped)).toHaveProperty('value')
  })

  it('counts no brackets inside of strings', () => {
    const text = JSON.stringify({ text: `\\"${'[{'.repeat(1_000)}` })
    expect(JSON.stringify(read(text))).toBe(text)
  })

  it('gives "__proto__" no power', () => {
    const value = read('{"__proto__":{"admin":true}}')
    expect(value).not.toHaveProperty('admin')
    expect(JSON.stringify(value)).toBe('{"__proto__":{"admin":true}}')
  })
})

describe('isObject()', () => {
  it.each([
    ['{}', true],
    ['{"rawJSON":"1"}', true],
    ['[]', false],
    ['null', false],
    ['"text"', false],
    ['1', false],
    ['12345678901234567890', false],
  ])('%s: %s', (text, object) => {
    expect(isObject(read(text))).toBe(object)
  })
})
