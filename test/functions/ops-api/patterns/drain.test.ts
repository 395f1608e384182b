import { describe, expect, it } from 'vitest'
import { drain } from '../../../../functions/ops-api/patterns/drain.ts'

const of = (text: string, count = 1) => ({ text, count })

describe('drain()', () => {
  it('makes one of templates that differ in a word or two', () => {
    expect(
      drain([
        of('Back-off restarting failed container app in pod <*>', 5),
        of('Back-off restarting failed container db in pod <*>', 3),
        of('Created container app', 2),
        of('Created container db'),
        of('Error: ErrImagePull'),
        of('Error: ImagePullBackOff'),
      ]),
    ).toEqual([
      { template: 'Back-off restarting failed container <*> in pod <*>', count: 8, variants: 2 },
      { template: 'Created container <*>', count: 3, variants: 2 },
      { template: 'Error: ErrImagePull', count: 1, variants: 1 },
      { template: 'Error: ImagePullBackOff', count: 1, variants: 1 },
    ])
  })

  it('leaves apart what has another length or begins otherwise', () => {
    expect(drain([of('a b c d'), of('a b c'), of('x b c d')])).toHaveLength(3)
  })

  it('finds the same in any order', () => {
    const texts = ['a b c d e', 'a b c d x', 'a b y d e', 'a z c d x', 'a q r d e', 'b b c d e']
    const all = texts.map((text, at) => of(text, at + 1))
    const one = drain(all)
    expect(drain(all.toReversed())).toEqual(one)
    expect(drain([...all.slice(3), ...all.slice(0, 3)])).toEqual(one)
    expect(one.reduce((sum, { count }) => sum + count, 0)).toBe(21)
  })

  it('stays small and quick whatever comes', () => {
    const many = Array.from({ length: 5_000 }, (_, at) => of(`w${at} ${'x y z '.repeat(20)}${at}`))
    const started = performance.now()
    const mined = drain(many)
    expect(performance.now() - started).toBeLessThan(5_000)
    expect(mined.length).toBeLessThanOrEqual(200)
    expect(mined.reduce((sum, { count }) => sum + count, 0)).toBe(5_000)
    const unlike = Array.from({ length: 5_000 }, (_, at) => of(`a ${at} ${at + 1} ${at + 2}`))
    expect(drain(unlike).length).toBeLessThanOrEqual(100)
  })
})
