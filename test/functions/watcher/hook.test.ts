import { describe, expect, it } from 'vitest'
import { filterProblems } from '../../../functions/watcher/filters.ts'
import { Destination } from '../../../shared/hookset.ts'
import { sealWith } from '../../../shared/seal.ts'
import { compiledFrom, complaints, hookYaml, key } from './folder-of.ts'

const more = (lines: string, spec: Record<string, string> = {}) =>
  `${hookYaml('a', spec)}${lines.replace(/^/gm, '  ').trimEnd()}\n`
const only = (text: string) => {
  const compiled = compiledFrom(text)
  expect(complaints(compiled)).toEqual([])
  return compiled.placed[0]?.hook
}
/** What a type asks for besides. */
const needed: Record<string, Record<string, string>> = {
  event: { subject: 'ops.*.events', url: 'alerts' },
  telegram: { options: '{ chat_id: "1", token: "1:a" }' },
  pagerduty: { options: '{ routing_key: x }' },
}
const opened = (sealed = '') => Destination.parse(JSON.parse(sealWith(key).open(sealed, 'ops/a')))

describe('what keeps noise down', () => {
  it('is compiled, windows in milliseconds', () => {
    const hook = only(
      more(`dedup: { window: 1h30m }
threshold: { count: 3, window: 5m, groupBy: [namespace, data.reason] }
storm: { limit: 10 }
filters:
  - exact: { type: Kube }
  - not: { prefix: { data.reason: Back } }
resolve: true
suspend: true`),
    )
    expect(hook).toMatchObject({
      dedup: { window: 5_400_000, key: ['subject', 'reason'] },
      threshold: { count: 3, window: 300_000, groupBy: ['namespace', 'data.reason'] },
      stormLimit: 10,
      filters: [{ exact: { type: 'Kube' } }, { not: { prefix: { 'data.reason': 'Back' } } }],
      resolve: true,
      suspend: true,
    })
  })

  it('is absent where it is not asked for', () => {
    const hook = only(more('resolve: false\nsuspend: false'))
    for (const field of ['dedup', 'threshold', 'stormLimit', 'filters', 'resolve', 'suspend'])
      expect(hook).not.toHaveProperty(field)
  })

  it.each([
    ['slack', undefined, 60],
    ['xiezuo', undefined, 60],
    ['telegram', undefined, 60],
    ['webhook', undefined, undefined],
    ['alertmanager', undefined, undefined],
    ['slack', 0, undefined],
    ['slack', 5, 5],
    ['webhook', 5, 5],
    ['event', undefined, undefined],
    ['event', 5, 5],
  ])('of type %s with a limit of %s digests above %s a minute', (type, limit, stormLimit) => {
    const given = limit === undefined ? '' : `storm: { limit: ${limit} }`
    expect(only(more(given, { type, ...needed[type] }))?.stormLimit).toBe(stormLimit)
  })

  it('has another revision when any of it changes', () => {
    const texts = [
      '',
      'suspend: true',
      'dedup: { window: 1m }',
      'dedup: { window: 2m }',
      'template: "{{ text }}"',
    ]
    expect(new Set(texts.map(text => only(more(text))?.revision)).size).toBe(texts.length)
  })
})

describe('the text and the address', () => {
  it('are sealed with a template', () => {
    const hook = only(more('template: "{{ data.reason | upcase }} m4rker"'))
    expect(JSON.stringify(hook)).not.toContain('m4rker')
    expect(opened(hook?.sealed)).toMatchObject({ template: '{{ data.reason | upcase }} m4rker' })
  })

  it.each(['pagerduty', 'telegram'])('of type %s need no url', type => {
    const hook = only(more('', { type, ...needed[type] }).replace(/ {2}url.*\n/, ''))
    expect(opened(hook?.sealed)).toMatchObject({ url: '', additional: '' })
  })
})

// [what is wrong, lines of the spec, other fields, what is said]
const wrong: [string, string, Record<string, string>, (string | RegExp)[]][] = [
  [
    'a window that is no duration',
    'dedup: { window: soon }',
    {},
    ['10 spec.dedup.window: it has to be a duration from 1s to 1d, such as 10m'],
  ],
  [
    'a window that is too long',
    'dedup: { window: 25h }',
    {},
    ['10 spec.dedup.window: it has to be a duration from 1s to 1d, such as 10m'],
  ],
  [
    'a window without a unit',
    'dedup: { window: 10 }',
    {},
    ['10 spec.dedup.window: it is 10, a number, it has to be text: write it in quotes, "10"'],
  ],
  [
    'no window',
    'dedup: {}',
    {},
    ['10 spec.dedup.window: it is missing (For how long only the first goes out, such as 10m)'],
  ],
  [
    'a field that dedup has not',
    'dedup: { windw: 10m, window: 10m }',
    {},
    ['10 spec.dedup.windw: there is no field "windw": did you mean "window"?'],
  ],
  [
    'a field that threshold has not',
    'threshold: { count: 3, window: 5m, by: [a] }',
    {},
    ['10 spec.threshold.by: there is no field "by": the fields are count, window, groupBy'],
  ],
  [
    'a field that storm has not',
    'storm: { limits: 3 }',
    {},
    [
      '10 spec.storm.limit: it is missing (So many a minute; what is more goes into one digest a minute. 0 is no limit)',
      '10 spec.storm.limits: there is no field "limits": did you mean "limit"?',
    ],
  ],
  [
    'a count of one',
    'threshold: { count: 1, window: 5m }',
    {},
    ['10 spec.threshold.count: it is 1, it has to be at least 2'],
  ],
  [
    'a count that is too large',
    'threshold: { count: 10001, window: 5m }',
    {},
    ['10 spec.threshold.count: it is 10001, it has to be at most 10000'],
  ],
  [
    'a count with a fraction',
    'threshold: { count: 2.5, window: 5m }',
    {},
    ['10 spec.threshold.count: it is 2.5, it has to be a whole number'],
  ],
  ['a word for a truth', 'suspend: "yes"', {}, ['10 spec.suspend: it is text, it has to be true or false']],
  [
    'a name in key that is none',
    'dedup: { window: 1m, key: [subject, labels.app, ""] }',
    {},
    ['10 spec.dedup.key[2]: it is empty'],
  ],
  [
    'a name in key with a dot',
    'dedup: { window: 1m, key: [labels.app] }',
    {},
    [
      '10 spec.dedup.key[0]: it is "labels.app", which is no name of an attribute: a field of the data is data.labels.app',
    ],
  ],
  [
    'a name in groupBy that is none',
    'threshold: { count: 2, window: 1m, groupBy: ["a b"] }',
    {},
    ['10 spec.threshold.groupBy[0]: it is "a b", which is no name: reason is one, and data.reason'],
  ],
  ['no key at all', 'dedup: { window: 1m, key: [] }', {}, ['10 spec.dedup.key: it is empty']],
  [
    'too many keys',
    `dedup: { window: 1m, key: [${Array(17).fill('a').join(', ')}] }`,
    {},
    ['10 spec.dedup.key: it has 17 entries, at most 16 are allowed'],
  ],
  [
    'resolve where nobody is told',
    'resolve: true',
    { type: 'event', url: 'alerts', subject: 'ops.*.events' },
    ['10 spec.resolve: it is about notifications, and type event publishes the event as it is: leave it out'],
  ],
  [
    'a template where nobody is told',
    'template: x',
    { type: 'event', url: 'alerts', subject: 'ops.*.events' },
    [
      '10 spec.template: it is about notifications, and type event publishes the event as it is: leave it out',
    ],
  ],
  [
    'a template that is none',
    'template: |\n  one\n  {% if x %}',
    {},
    ['10 spec.template: it is no Liquid, at line 2, column 1: tag {% if x %} not closed'],
  ],
  [
    'a filter of Liquid that there is not',
    'template: "{{ x | shout }}"',
    {},
    ['10 spec.template: it is no Liquid, at line 1, column 1: undefined filter: shout'],
  ],
  [
    'a template that reads files',
    `template: "{% render '/etc/passwd' %}"`,
    {},
    ['10 spec.template: it is no Liquid, at line 1, column 1: tag "render" not found'],
  ],
  [
    'a template that is too long',
    `template: ${'x'.repeat(16_385)}`,
    {},
    ['10 spec.template: it has 16385 characters, at most 16384 are allowed'],
  ],
  [
    'filters that are a map',
    'filters: { exact: { type: a } }',
    {},
    ['10 spec.filters: it is a map, it has to be a list'],
  ],
  [
    'a filter that is text',
    'filters: [Kube]',
    {},
    ['10 spec.filters[0]: it is text, it has to be a map with one of exact, prefix, suffix, all, any, not'],
  ],
  [
    'an empty filter',
    'filters: [{}]',
    {},
    ['10 spec.filters[0]: it is empty, it has to have one of exact, prefix, suffix, all, any, not'],
  ],
  [
    'a filter that there is not',
    'filters: [{ exakt: { type: a } }]',
    {},
    ['10 spec.filters[0].exakt: there is no filter "exakt": did you mean "exact"?'],
  ],
  [
    'two in one',
    'filters: [{ exact: { type: a }, prefix: { type: a } }]',
    {},
    ['10 spec.filters[0]: it has exact and prefix, and one may stand in it: make each an entry'],
  ],
  [
    'what is wrong deep inside',
    'filters:\n  - any:\n      - all: [{ not: { suffix: { reason: 7 } } }]\n      - exact: { a.b: x }',
    {},
    [
      '12 spec.filters[0].any[0].all[0].not.suffix.reason: it is 7, a number, it has to be text: write it in quotes, "7"',
      '13 spec.filters[0].any[1].exact.a.b: it is "a.b", which is no name of an attribute: a field of the data is data.a.b',
    ],
  ],
  [
    'what is no attribute of any event',
    'filters:\n  - exact: { reason: BackOff }\n  - not: { prefix: { Type: a } }',
    {},
    [
      '11 spec.filters[0].exact.reason: no event has an attribute "reason": a field of the data is data.reason',
      '12 spec.filters[1].not.prefix.Type: no event has an attribute "Type": a field of the data is data.Type',
    ],
  ],
  ['any of nothing', 'filters: [{ any: [] }]', {}, ['10 spec.filters[0].any: it is empty']],
  [
    'an empty text',
    'filters: [{ prefix: { type: "" } }]',
    {},
    ['10 spec.filters[0].prefix.type: it is empty'],
  ],
  [
    'too long a text',
    `filters: [{ prefix: { type: ${'x'.repeat(1025)} } }]`,
    {},
    ['10 spec.filters[0].prefix.type: it has 1025 characters, at most 1024 are allowed'],
  ],
  [
    'something beside its filters',
    'filters: [{ exakt: {} }]\nsuspnd: true',
    {},
    [
      '11 spec.suspnd: there is no field "suspnd": did you mean "suspend"?',
      '10 spec.filters[0].exakt: there is no filter "exakt": did you mean "exact"?',
    ],
  ],
]

describe('what is refused says what would be right', () => {
  it.each(wrong)('%s', (_, lines, spec, said) => {
    expect(complaints(compiledFrom(more(lines, spec)))).toEqual(said)
  })

  it.each(['slack', 'alertmanager', 'elasticsearch'])('no url for type %s', type => {
    const text = hookYaml('a', { type }).replace(/ {2}url.*\n/, '')
    expect(complaints(compiledFrom(text))).toEqual([
      '6 spec.url: it is missing (Where to send to; for type event the target subject)',
    ])
  })

  it('a url of another scheme where one need not be', () => {
    expect(
      complaints(
        compiledFrom(hookYaml('a', { type: 'pagerduty', ...needed.pagerduty, url: 'ftp://x.example/s' })),
      ),
    ).toEqual(['9 spec.url: it is a "ftp:" address, it has to be http://host/path or https://host/path'])
  })
})

describe('filters without end', () => {
  const nested = (levels: number) =>
    `filters: [${'{ not: '.repeat(levels)}{ exact: { type: a } }${' }'.repeat(levels)}]`

  it('may be eight levels deep', () => {
    expect(only(more(nested(7)))?.filters).toHaveLength(1)
    expect(complaints(compiledFrom(more(nested(8))))).toEqual([
      expect.stringMatching(/^10 spec\.filters\[0\](\.not){8}: it is nested deeper than 8 levels$/),
    ])
  })

  it('do no harm however deep they are', () => {
    let filter: object = { exact: { type: 'a' } }
    for (let level = 0; level < 50_000; level++) filter = { not: filter }
    const [problem] = filterProblems([filter], () => undefined)
    expect(problem?.problem).toBe('it is nested deeper than 8 levels')
  })

  it('may have a hundred expressions, the same one counted each time', () => {
    const wide = `filters: [{ any: [${Array(99).fill('{ exact: { type: a } }').join(', ')}] }]`
    expect(complaints(compiledFrom(more(wide)))).toEqual([
      '10 spec.filters: it has more than 100 expressions',
    ])
    // As JSON of a cluster cannot, and anchors of YAML can: 4 in each of 4 in each of 4 …
    let shared: object = { exact: { type: 'a' } }
    for (let level = 0; level < 6; level++) shared = { any: Array(4).fill(shared) }
    expect(filterProblems([shared], () => undefined)).toEqual([
      { path: ['spec', 'filters'], problem: 'it has more than 100 expressions' },
    ])
  })
})
