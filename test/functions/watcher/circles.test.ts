import { describe, expect, it } from 'vitest'
import { hookYaml, memoryFolder } from './folder-of.ts'

const event = (name: string, subject: string, url: string, more = '') =>
  `---\n${hookYaml(name, { type: 'event', subject: `"${subject}"`, url: `"${url}"` })}${more}`
const circles = (...hooks: string[]) => {
  const compiled = memoryFolder().write({ 'a.yaml': hooks.join('') })
  expect(compiled.refused).toEqual([])
  expect(compiled.placed).toHaveLength(hooks.length)
  return compiled.circles.map(({ file, hook, problem }) => `${file} ${hook}: ${problem.split(' feed')[0]}`)
}

describe('hooks that feed each other', () => {
  it('are told, each with the others, and are in force', () => {
    expect(circles(event('a', 'ops.*.events', 'alerts'), event('b', 'ops.*.alerts', 'events'))).toEqual([
      'a.yaml ops/a: it and "ops/b"',
      'a.yaml ops/b: it and "ops/a"',
    ])
  })

  it('are told over any number of them, and not those who only join in', () => {
    const all = [
      event('a', 'ops.a.>', 'ops.b.x'),
      event('b', 'ops.b.*', 'ops.c.x'),
      event('c', 'ops.c.x', 'ops.a.x'),
      event('in', 'ops.in', 'ops.a.x'),
      event('out', 'ops.b.x', 'ops.out'),
    ]
    expect(circles(...all)).toEqual([
      'a.yaml ops/a: it and "ops/b" and "ops/c"',
      'a.yaml ops/b: it and "ops/a" and "ops/c"',
      'a.yaml ops/c: it and "ops/a" and "ops/b"',
    ])
  })

  it('are counted where there are many', () => {
    const all = Array.from({ length: 6 }, (_, n) => event(`h${n}`, `ops.h${n}.x`, `ops.h${(n + 1) % 6}.x`))
    expect(circles(...all)[0]).toBe('a.yaml ops/h0: it and "ops/h1" and "ops/h2" and "ops/h3" and 2 more')
  })

  it.each([
    ['a line', [event('a', 'ops.a', 'ops.b'), event('b', 'ops.b', 'ops.c')]],
    ['only some of the events', [event('a', 'ops.a.*', 'ops.b.*'), event('b', 'ops.b.x', 'ops.a.x')]],
    [
      'one that is suspended',
      [event('a', 'ops.a', 'ops.b'), event('b', 'ops.b', 'ops.a', '  suspend: true\n')],
    ],
    [
      'one that may tell them apart',
      [event('a', 'ops.a', 'ops.b'), event('b', 'ops.b', 'ops.a', '  filters: [{ exact: { hops: "0" } }]\n')],
    ],
    ['one that notifies', [event('a', 'ops.a', 'ops.b'), `---\n${hookYaml('b', { subject: 'ops.b' })}`]],
  ])('are not %s', (_, hooks) => {
    expect(circles(...hooks)).toEqual([])
  })

  it('are found in a moment among thousands', () => {
    const many = Array.from({ length: 5_000 }, (_, n) =>
      event(`h${n}`, `ops.h${n % 900}.>`, `ops.h${(n + 1) % 900}.x`),
    )
    expect(circles(...many)).toHaveLength(5_000)
  })
})
