import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { targetSubject } from '../../../functions/hook-evaluate/target.ts'
import { madeFrom } from '../../../functions/watcher/target.ts'
import { subjectMatches } from '../../../shared/subject.ts'
import { compiledFrom, complaints, hookYaml } from './folder-of.ts'

const pods = 'ops.clusters.*.namespaces.*.pods.*'

// [subject, target, what is made of it]
const made: [string, string, string][] = [
  [`${pods}.events`, 'alerts', `${pods}.alerts`],
  [`${pods}.events`, `${pods}.alerts`, `${pods}.alerts`],
  [`${pods}.events`, 'ops.clusters.*.alerts', 'ops.clusters.*.alerts'],
  [`${pods}.events`, 'ops.alerts', 'ops.alerts'],
  ['ops.a.b.c', 'ops.*.*.x', 'ops.a.b.x'],
  ['ops.a.b.c', 'ops.x.*', 'ops.x.a'],
  ['ops.a.>', 'ops.*.*', 'ops.a.*'],
  ['ops.a.>', 'x', 'ops.a.>'],
  // The first "*" may be "b", or not: then the second one takes it.
  ['ops.*.c', 'ops.b.*', 'ops.b.*'],
  ['ops.*.*', 'ops.b.*', 'ops.b.*'],
  ['>', 'ops.*.x', 'ops.*.x'],
]

// [subject, target, whether each event comes back, filters]
const loops: [string, string, boolean, string?][] = [
  [`${pods}.events`, 'alerts', false],
  [`${pods}.events`, `${pods}.alerts`, false],
  [`${pods}.events`, 'ops.clusters.*.alerts', false],
  // To be stopped at run time: only some come back.
  [`${pods}.*`, 'ops.clusters.*.namespaces.shop.pods.web.alerts', true],
  [`${pods}.*`, 'alerts', true],
  [`${pods}.>`, 'alerts', true],
  [`${pods}.>`, 'ops.elsewhere', false],
  [`${pods}.*`, 'ops.clusters.*.alerts', false],
  ['ops.clusters.>', 'ops.clusters.*.alerts', true],
  ['ops.clusters.c1.>', 'ops.clusters.*.alerts', true],
  ['ops.clusters.c1.>', 'ops.clusters.c2.alerts', false],
  ['ops.>', 'ops.alerts', true],
  ['ops.>', 'alerts', true],
  ['ops.>', 'ops.*.*', true],
  ['>', 'ops.alerts', true],
  ['ops.*.events', 'ops.a.events', true],
  ['ops.a.events', 'ops.*.events', true],
  ['ops.a.events', 'ops.b.events', false],
  ['ops.a.*', 'ops.*.alerts', true],
  ['ops.a.events', 'ops.*.*.*', false],
  ['ops.*.c', 'ops.b.*', false],
  ['OPS.*.Events', 'ops.A.events', true],
  // What is made can be told from what it is made of.
  ['ops.>', 'ops.alerts', false, '{ not: { prefix: { subject: ops.alerts } } }'],
  ['ops.>', 'ops.alerts', false, '{ any: [{ exact: { type: Kube } }, { exact: { hops: "0" } }] }'],
  ['ops.>', 'ops.alerts', true, '{ exact: { type: Kube } }'],
  ['ops.>', 'ops.alerts', true, '{ exact: { data.subject: x } }'],
]

describe('a target', () => {
  it.each(made)('of "%s" that is "%s" makes "%s"', (subject, target, pattern) => {
    expect(madeFrom(subject, target)).toBe(pattern)
  })

  it.each(loops)('of "%s" that is "%s" comes back: %s %s', (subject, url, back, filter) => {
    const text = hookYaml('a', { type: 'event', subject: `"${subject}"`, url: `"${url}"` })
    const said = complaints(compiledFrom(filter ? `${text}  filters: [${filter}]\n` : text))
    if (!back) return expect(said).toEqual([])
    expect(said).toHaveLength(1)
    expect(said[0]).toMatch(
      /^9 spec\.url: (each event that it makes is on|it is the subject of the event itself)/,
    )
  })

  it('that comes back is told with both subjects and a way out', () => {
    const text = hookYaml('a', { type: 'event', subject: 'ops.clusters.*.pods.*.*', url: 'alerts' })
    expect(complaints(compiledFrom(text))).toEqual([
      '9 spec.url: each event that it makes is on "ops.clusters.*.pods.*.alerts", which the hook\'s own subject "ops.clusters.*.pods.*.*" takes in again: narrow that, to end in ".events" for example, publish beside it, or tell them apart with a filter on "subject"',
    ])
  })

  // As hook-evaluate walks it: what it makes of any subject is in the pattern.
  it('makes nothing beside its pattern', () => {
    const token = fc.constantFrom('a', 'b', 'c', 'ops')
    const pattern = fc
      .tuple(fc.array(fc.constantFrom('a', 'b', 'c', '*'), { maxLength: 4 }), fc.boolean())
      .map(([tokens, open]) => ['ops', ...tokens, ...(open || tokens.length === 0 ? ['>'] : [])].join('.'))
    const target = fc.oneof(
      fc
        .array(fc.constantFrom('a', 'b', 'c', '*'), { minLength: 1, maxLength: 5 })
        .map(all => `ops.${all.join('.')}`),
      fc.constantFrom('alerts', 'a', 'x.y'),
    )
    const property = fc.property(
      pattern,
      target,
      fc.array(token, { minLength: 6, maxLength: 6 }),
      (wide, to, fill) => {
        const source = subjectIn(wide, fill)
        const one = targetSubject(to, source)
        return 'problem' in one || subjectMatches(madeFrom(wide, to), one.subject)
      },
    )
    fc.assert(property, { numRuns: 5_000, seed: 4 })
  })
})

/** A subject of a pattern, its wildcards filled. */
function subjectIn(pattern: string, fill: string[]): string {
  const tokens = pattern.split('.').map((part, index) => (part === '*' ? (fill[index] ?? 'a') : part))
  if (tokens.at(-1) === '>') tokens.splice(-1, 1, ...fill.slice(tokens.length - 1))
  return tokens.join('.')
}
