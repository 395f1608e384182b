import { describe, expect, it } from 'vitest'
import { HookType } from '../../../shared/hook-words.ts'
import { compiledFrom, complaints, hookYaml } from './folder-of.ts'

const keywords = (text: string, matchType = 'CONTAINS') =>
  `${hookYaml('a')}  keywords:\n    matchType: ${matchType}\n    ${text}\n`

const types = HookType.options.join(', ')

// [what is wrong, the file, what is said: line, field, value and what would be right]
const shapes: [string, string, string[]][] = [
  [
    'a type that there is not',
    hookYaml('a', { type: 'webhok' }),
    [`7 spec.type: it is "webhok", it has to be one of ${types}; did you mean "webhook"?`],
  ],
  [
    'a type in other letters',
    hookYaml('a', { type: 'XieZuo' }),
    [`7 spec.type: it is "XieZuo", it has to be one of ${types}; did you mean "xiezuo"?`],
  ],
  [
    'a mode that there is not',
    keywords('matchMode: SOME'),
    ['12 spec.keywords.matchMode: it is "SOME", it has to be one of ANY, ALL'],
  ],
  [
    'an unknown field',
    hookYaml('a', { keyword: '[a]' }),
    ['10 spec.keyword: there is no field "keyword": did you mean "keywords"?'],
  ],
  [
    'an unknown field that is like no other',
    hookYaml('a', { throttle: '5m' }),
    [
      '10 spec.throttle: there is no field "throttle": the fields are type, subject, keywords, url, additional, options, filters, dedup, threshold, storm, resolve, suspend, secretRef, template',
    ],
  ],
  [
    'an unknown field of keywords',
    keywords('includes: [a]'),
    ['12 spec.keywords.includes: there is no field "includes": did you mean "include"?'],
  ],
  [
    'a field that is missing',
    hookYaml('a').replace(/ {2}url.*\n/, ''),
    ['6 spec.url: it is missing (Where to send to; for type event the target subject)'],
  ],
  [
    'a number among keywords',
    keywords('include: [10005]'),
    ['12 spec.keywords.include[0]: it is 10005, a number, it has to be text: write it in quotes, "10005"'],
  ],
  [
    'a number as it is written',
    keywords('include:\n      - ok\n      - 0x1F'),
    ['14 spec.keywords.include[1]: it is 0x1F, a number, it has to be text: write it in quotes, "0x1F"'],
  ],
  [
    'a word that YAML takes for a truth',
    keywords('exclude: [true]'),
    ['12 spec.keywords.exclude[0]: it is true, true or false, it has to be text: write it in quotes, "true"'],
  ],
  [
    'an empty entry',
    keywords('include:\n      -'),
    ['13 spec.keywords.include[0]: it is empty, it has to be text'],
  ],
  [
    'keywords that are a list',
    hookYaml('a', { keywords: '[a, b]' }),
    ['10 spec.keywords: it is a list, it has to be a map'],
  ],
  [
    'a number among the options, without its value',
    hookYaml('a', { options: '{ pin: 4711 }' }),
    ['10 spec.options.pin: it is a number, it has to be text: write it in quotes'],
  ],
  [
    'several things at once',
    hookYaml('a', { type: 'mail', usl: 'x' }),
    [
      `7 spec.type: it is "mail", it has to be one of ${types}`,
      '10 spec.usl: there is no field "usl": did you mean "url"?',
    ],
  ],
  ['no name', hookYaml('a').replace('  name: a\n', ''), ['3 metadata.name: it is missing']],
  [
    'no spec',
    'apiVersion: crd.chenshaowen.com/v1\nkind: EventHooks\nmetadata: { name: a }\n',
    ['1 spec: it is missing'],
  ],
]

const senses: [string, string, string[]][] = [
  [
    'a subject with an empty token',
    hookYaml('a', { subject: 'ops..pods' }),
    ['8 spec.subject: it is "ops..pods", which is no subject pattern: token 2 is empty'],
  ],
  [
    'a subject with > in the middle',
    hookYaml('a', { subject: 'ops.>.pods' }),
    [
      '8 spec.subject: it is "ops.>.pods", which is no subject pattern: token 2 is ">", which is allowed only at the end',
    ],
  ],
  [
    'a subject that no event has',
    hookYaml('a', { subject: 'clusters.*.pods' }),
    ['8 spec.subject: it is "clusters.*.pods", which no event has: all are below "ops."'],
  ],
  [
    'a url of another scheme',
    hookYaml('a', { url: 'ftp://x.example/secret' }),
    ['9 spec.url: it is a "ftp:" address, it has to be http://host/path or https://host/path'],
  ],
  [
    'a url that is none',
    hookYaml('a', { url: 'http://x.x.x.x:x/secret' }),
    ['9 spec.url: it is no web address, it has to be http://host/path or https://host/path'],
  ],
  [
    'an address as target',
    hookYaml('a', { type: 'event', url: 'https://x.example/' }),
    ['9 spec.url: for type event it is the subject to publish on, and this is a web address'],
  ],
  [
    'a target with >',
    hookYaml('a', { type: 'event', url: 'ops.alerts.>' }),
    ['9 spec.url: it has ">": a target takes tokens of the source one by one, with "*"'],
  ],
  [
    'a target with a blank',
    hookYaml('a', { type: 'event', url: 'ops.my alerts' }),
    ['9 spec.url: it is no target subject: token 2 has the character " "'],
  ],
  [
    'a template beside ops',
    hookYaml('a', { type: 'event', url: 'clusters.*' }),
    ['9 spec.url: it has to start with "ops."'],
  ],
  [
    'a target that is the source',
    hookYaml('a', { type: 'event', subject: 'ops.clusters.*.pods', url: 'OPS.clusters.*.*' }),
    [
      '9 spec.url: it is the subject of the event itself, so that each event would only be published again: change a token of "ops.clusters.*.*"',
    ],
  ],
  [
    'a last token that is there already',
    hookYaml('a', { type: 'event', subject: 'ops.*.events', url: 'events' }),
    [
      '9 spec.url: it is the subject of the event itself, so that each event would only be published again: change a token of "events"',
    ],
  ],
  [
    'a pattern that cannot be had',
    keywords('include: ["a(b"]', 'REGEX'),
    [
      expect.stringMatching(
        /^12 spec\.keywords\.include\[0\]: "a\(b" cannot be honoured as a regular expression, at position \d+: /,
      ),
    ],
  ],
  [
    'too many keywords',
    keywords(`include: [${Array(101).fill('a').join(', ')}]`),
    ['12 spec.keywords.include: it has 101 entries, at most 100 are allowed'],
  ],
  [
    'a keyword that is too long',
    keywords(`exclude: [${'x'.repeat(1025)}]`),
    ['12 spec.keywords.exclude[0]: it has 1025 characters, at most 1024 are allowed'],
  ],
  [
    'an exclude that is in every text',
    keywords('exclude: [""]'),
    ['12 spec.keywords.exclude[0]: it is empty, which is in every text: the hook would never fire'],
  ],
  [
    'a name that Kubernetes would not take',
    hookYaml('My_Hook'),
    ['4 metadata.name: it is "My_Hook": a Kubernetes name has lower-case letters, digits and "-"'],
  ],
  [
    'a hook too large for the bus',
    hookYaml('a', { additional: 'x'.repeat(300_000) }),
    [expect.stringMatching(/^6 spec: it takes \d{6} bytes compiled, at most 262144 are allowed$/)],
  ],
]

const documents: [string, string, string[]][] = [
  [
    'no kind',
    'apiVersion: crd.chenshaowen.com/v1\n',
    ['1 kind: it is missing: a hook has apiVersion crd.chenshaowen.com/v1 and kind EventHooks'],
  ],
  [
    'a kind like ours',
    hookYaml('a').replace('EventHooks', 'EventHook'),
    ['2 kind: there is no kind "EventHook": did you mean "EventHooks"?'],
  ],
  [
    'another version',
    hookYaml('a').replace('com/v1', 'com/v2'),
    ['1 apiVersion: it is "crd.chenshaowen.com/v2", it has to be crd.chenshaowen.com/v1'],
  ],
  ['no map', '- a\n', ['1 it is no resource: it has to be a map with apiVersion, kind, metadata and spec']],
  ['a key given twice', `${hookYaml('a')}  type: event\n`, ['10 it is no YAML: Map keys must be unique']],
  ['an open quote', `${hookYaml('a')}  additional: "abc\n`, ['11 it is no YAML: Missing closing "quote']],
  [
    'a word that YAML takes for an alias',
    keywords('include:\n      - one\n      - *BackOff*'),
    ['14 it is no YAML: an alias has no anchor: text that starts with "*" has to stand in quotes'],
  ],
]

describe('what is refused says where, what, and what would be right', () => {
  it.each([...shapes, ...senses, ...documents])('%s', (_, text, said) => {
    expect(complaints(compiledFrom(text))).toEqual(said)
  })

  it('costs no other document of the file', () => {
    const text = `${hookYaml('a')}---\n${hookYaml('b', { type: '"webhook' })}---\n${hookYaml('c')}`
    const compiled = compiledFrom(text)
    expect(compiled.placed.map(({ hook }) => hook.id)).toEqual(['ops/a', 'ops/c'])
    expect(compiled.refused).toMatchObject([{ file: 'a.yaml', document: 2 }])
  })

  it('never shows a url, an option or what is handed on', () => {
    const secret = 's3cr3t'
    const texts = [
      hookYaml('a', { url: `x://h/${secret}` }),
      hookYaml('a', { url: `https://h:${secret}/` }),
      hookYaml('a', { url: `"https://h/?${secret}" https://${secret}` }),
      hookYaml('a', { url: `https://h/?key: ${secret}` }),
      hookYaml('a', { options: `[${secret}]` }),
      hookYaml('a', { options: `{ token: [${secret}] }` }),
      `${hookYaml('a')}}${secret}`,
      hookYaml('a', { url: `|https://${secret}` }),
    ]
    for (const text of texts) {
      const said = JSON.stringify(compiledFrom(text).refused)
      expect(said).toContain('problem')
      expect(said).not.toContain(secret)
    }
  })

  it('keeps the hook it can make out: a list tells the line of its member', () => {
    const list =
      'apiVersion: v1\nkind: List\nitems:\n- apiVersion: crd.chenshaowen.com/v1\n  kind: EventHooks\n  metadata: { name: a }\n  spec: { type: mail, subject: ops.a, url: "http://h" }\n'
    expect(compiledFrom(list).refused).toMatchObject([
      { hook: 'default/a', document: 1, problems: [{ line: 7, field: 'spec.type' }] },
    ])
  })
})

describe('what looks odd and is accepted', () => {
  it.each([
    ['words of any case', keywords('matchMode: all', 'regex')],
    ['a number in quotes', keywords('include: ["10005"]')],
    ['a pattern with leading look-aheads', keywords('include: ["(?=.*(a|b)).*(c|d).*"]', 'REGEX')],
    [
      'a target that replaces the last token',
      hookYaml('a', { type: 'event', subject: 'ops.*.events', url: 'alerts' }),
    ],
    ['a status as kubectl prints it', `${hookYaml('a')}status: {}\n`],
    [
      'JSON',
      JSON.stringify(
        {
          apiVersion: 'crd.chenshaowen.com/v1',
          kind: 'EventHooks',
          metadata: { name: 'a' },
          spec: { type: 'webhook', subject: 'ops.a', url: 'http://h' },
        },
        null,
        '\t',
      ),
    ],
    ['line ends of Windows', hookYaml('a').replaceAll('\n', '\r\n')],
    ['an anchor and its alias', hookYaml('a', { keywords: '{ include: &words [a], exclude: *words }' })],
    ['directives and comments in front', `%YAML 1.2\n# hooks\n---\n${hookYaml('a')}`],
  ])('%s', (_, text) => {
    const compiled = compiledFrom(text)
    expect(complaints(compiled)).toEqual([])
    expect(compiled.placed).toHaveLength(1)
  })
})
