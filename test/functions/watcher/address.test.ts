import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { destinationsOf } from '../../../functions/webhook-deliver/destination.ts'
import { sealWith } from '../../../shared/seal.ts'
import { compiledFrom, complaints, hookYaml, key, memoryFolder } from './folder-of.ts'

const withOptions = (type: string, options: string, more: Record<string, string> = {}) =>
  hookYaml('a', { type, options, ...more })
const withoutUrl = (text: string) => text.replace(/ {2}url:.*\n/, '')

// [what is wrong, the hook, what is said]
const wrong: [string, string, string[]][] = [
  [
    'no routing key',
    withoutUrl(withOptions('pagerduty', '{ routingkey: s3cret }')),
    [
      '9 spec.options.routing_key: it is missing: the integration key of an Events API v2 integration; is "routingkey" meant for it?',
    ],
  ],
  [
    'no options at all',
    hookYaml('a', { type: 'telegram' }),
    [
      '6 spec.options.chat_id: it is missing: the chat to write to',
      '6 spec.options.token: it is missing: the token of the bot',
    ],
  ],
  [
    'a format that there is not',
    withOptions('webhook', '{ format: s3cret }'),
    ['10 spec.options.format: it has to be one of json, text, cloudevent'],
  ],
  [
    'a key that cannot sign',
    withOptions('webhook', '{ secret: whsec_s3cret! }'),
    ['10 spec.options.secret: it has a key whsec_… that is not in base64'],
  ],
  [
    'a header that a hook cannot set',
    withOptions('slack', '\n    mentions: U1\n    headers.Host: s3cret'),
    ['12 spec.options.headers.Host: it is a header that a hook cannot set'],
  ],
  [
    'two ways to say who asks',
    withOptions('elasticsearch', '{ password: s3cret, bearer: s3cret, index: ops }'),
    ['10 spec.options.password: it and options.bearer exclude each other'],
  ],
  [
    'an index in the url that there cannot be',
    withOptions('elasticsearch', '{}', { url: 'https://es.example/S3CRET' }),
    ['9 spec.url: it has an index with capital letters, which no index has'],
  ],
  [
    'no index',
    withOptions('elasticsearch', '{}', { url: 'https://es.example' }),
    ['10 spec.options.index: it is missing, and the url does not end in an index'],
  ],
  [
    'a url, and an option beside it',
    withOptions('alertmanager', '{ lasts: s3cret }', { url: 'ftp://s3cret.example' }),
    [
      '9 spec.url: it is a "ftp:" address, it has to be http://host/path or https://host/path',
      '10 spec.options.lasts: it is no duration such as 1h',
    ],
  ],
]

const task = (options: string, more: Record<string, string> = {}) =>
  withoutUrl(withOptions('task', options, more))

// [what is wrong, the hook, what is said]
const wrongTasks: [string, string, string[]][] = [
  [
    'no Task',
    task('{ variables.node: "{{data.node}}" }'),
    ['9 spec.options.taskRef: it is missing: the name of the Task to start'],
  ],
  [
    'a name that no Task has, a variable that cannot be, and a number that is none',
    task('\n    taskRef: S3cret\n    variables.LD_PRELOAD: s3cret\n    maxPerHour: s3cret'),
    [
      '10 spec.options.taskRef: it is no name of a Task: it has lower-case letters, digits, "-" and "."',
      '11 spec.options.variables.LD_PRELOAD: it cannot be set: the name means something to what runs the steps; take another one',
      '12 spec.options.maxPerHour: it has to be a whole number from 1 to 3600',
    ],
  ],
  [
    'values that are no templates',
    task('\n    taskRef: remedy\n    variables.node: "{{data.node"\n    desc: "{% x %}"'),
    [
      '11 spec.options.variables.node: it is no Liquid, at line 1, column 1: output "{{data.node" not closed',
      '12 spec.options.desc: it is no Liquid, at line 1, column 1: tag "x" not found',
    ],
  ],
  [
    'a url',
    withOptions('task', '{ taskRef: remedy }'),
    ['9 spec.url: type task starts a Task and has no url: leave it out'],
  ],
  [
    'what only notifications have',
    task('{ taskRef: remedy }', { template: 'x', resolve: 'true' }),
    [
      '11 spec.resolve: it is about notifications, and type task starts a Task: leave it out',
      '10 spec.template: it is about notifications, and type task starts a Task: leave it out',
    ],
  ],
]

describe('a hook of type task', () => {
  it.each(wrongTasks)('with %s is refused, and says where', (_, text, said) => {
    const compiled = compiledFrom(text)
    expect(complaints(compiled)).toEqual(said)
    expect(compiled.placed).toEqual([])
  })

  it('needs nothing but its Task, and has no limit of storms unless given', () => {
    for (const text of [
      task('{ taskRef: remedy.v2 }'),
      withOptions('task', '{ taskRef: remedy }', { url: '""' }),
    ]) {
      const compiled = compiledFrom(text)
      expect(complaints(compiled)).toEqual([])
      expect(compiled.placed[0]?.hook).not.toHaveProperty('stormLimit')
    }
  })

  it('shows what it gives to its Task, so nothing of that comes from a Secret', () => {
    const values = new Map([['key', 's3cret']])
    const ref = '{ name: keys, keys: { options.variables.key: key, url: key } }'
    const compiled = memoryFolder(() => ({ values })).write({
      'a.yaml': task('{ taskRef: remedy }', { secretRef: ref }),
    })
    expect(complaints(compiled)).toEqual([
      '10 spec.secretRef.keys.url: type task starts a Task and has no url: leave it out',
      '10 spec.secretRef.keys.options.variables.key: type task starts a Task, and shows what it gives to that: a Task takes its own secrets by a mount',
    ])
    expect(JSON.stringify(compiled)).not.toContain('s3cret')
  })
})

describe('settings that cannot work', () => {
  it.each(wrong)('%s: are refused where they stand, and not shown', (_, text, said) => {
    const compiled = compiledFrom(text)
    expect(complaints(compiled)).toEqual(said)
    expect(compiled.placed).toEqual([])
    expect(JSON.stringify(compiled.refused)).not.toMatch(/s3cret/i)
  })

  it('leave the hook as it was before', () => {
    const { write } = memoryFolder()
    const [before] = write({ 'a.yaml': withOptions('slack', '{ mentions: U1 }') }).placed
    const after = write({ 'a.yaml': withOptions('slack', '{ mentions: "a b" }') })
    expect(after.placed[0]?.hook).toBe(before?.hook)
    expect(after.refused).toMatchObject([{ hook: 'ops/a', kept: [`ops/a ${before?.hook.revision}`] }])
  })

  it('keep deliveries from being sent too, where another version put them in force', async () => {
    const urlProblem = () => undefined
    const { open } = sealWith(key)
    const { write } = memoryFolder()
    const [placed] = write({ 'a.yaml': withOptions('slack', '{ mentions: U1 }') }).placed
    if (!placed) throw new Error('The hook was refused')
    for (const [options, sent] of [
      [{ mentions: 'U1' }, true],
      [{ mentions: 'a b' }, false],
    ] as const) {
      const sealed = sealWith(key).close(
        JSON.stringify({ url: 'http://h/', options, additional: '' }),
        placed.hook.id,
      )
      const hooks = [{ ...placed.hook, sealed }]
      const find = destinationsOf({ revision: '1', hooks }, { open, urlProblem, timeZone: 'UTC' })
      expect('url' in (await find(placed.hook.id))).toBe(sent)
    }
  })
})

describe('settings of a Secret', () => {
  const ref = (type: string, keys: string, more: Record<string, string> = {}) =>
    withoutUrl(hookYaml('a', { type, secretRef: `{ name: chat, keys: ${keys} }`, ...more }))
  const holding = (values: Record<string, string>) =>
    memoryFolder(() => ({ values: new Map(Object.entries(values)) }))

  it('count as given', () => {
    const text = ref('pagerduty', '{ options.routing_key: key }')
    expect(complaints(holding({ key: 'x' }).write({ 'a.yaml': text }))).toEqual([])
  })

  it('are wrong where they are named, and not shown', () => {
    const text = ref(
      'telegram',
      '{ options.token: bot, options.chat_id: chat, options.headers.X-A: head, url: api }',
    )
    const values = { bot: 's3cret', chat: '1', head: 's3cret\ns3cret', api: 'http://s3cret.example' }
    const compiled = holding(values).write({ 'a.yaml': text })
    expect(complaints(compiled)).toEqual([
      '9 spec.secretRef.keys.options.token: it is no token of a Telegram bot: it looks like 123456:ABC-DEF',
      '9 spec.secretRef.keys.options.headers.X-A: it has other characters than those of ASCII',
    ])
    expect(JSON.stringify(compiled.refused)).not.toContain('s3cret')
  })

  it('that are changed for what cannot work leave the hook as it was', () => {
    const values = new Map([['key', 'whsec_c2VjcmV0']])
    const { write } = memoryFolder(() => ({ values }))
    const text = hookYaml('a', { secretRef: '{ name: chat, keys: { options.secret: key } }' })
    const [before] = write({ 'a.yaml': text }).placed
    values.set('key', 'whsec_!')
    const after = write({ 'a.yaml': text })
    expect(after.placed[0]?.hook).toBe(before?.hook)
    expect(complaints(after)).toEqual([
      '10 spec.secretRef.keys.options.secret: it has a key whsec_… that is not in base64',
    ])
  })

  it('that are not there are all that is said', () => {
    const text = ref('telegram', '{ options.token: bot }', { options: '{ format: x, bearer: "a b" }' })
    const { refused } = holding({ other: 'x' }).write({ 'a.yaml': text })
    expect(refused).toMatchObject([
      { reason: 'SecretMissing', problems: [{ problem: expect.stringContaining('has no key "bot"') }] },
    ])
  })
})

describe('what stays accepted', () => {
  const folders = ['../../fixtures/hooks/', '../../fixtures/resources/', '../../../infra/examples/']
  it.each(folders)('are the hooks of %s', path => {
    const folder = new URL(path, import.meta.url)
    const files = readdirSync(folder).filter(name => name.endsWith('.yaml'))
    for (const name of files)
      expect(complaints(compiledFrom(readFileSync(new URL(name, folder), 'utf8')))).toEqual([])
    expect(files.length).toBeGreaterThan(0)
  })

  it.each([
    ['options of the older system', withOptions('webhook', '{ username: elastic, timeout: "5", tpl: x }')],
    [
      'anything with type event',
      withOptions('event', '{ bearer: "a b", secret: whsk_x }', { url: 'alerts', subject: 'ops.*.events' }),
    ],
    ['a name alone', withOptions('discord', '{ username: "ops: bot" }')],
    [
      'an index in the path',
      withOptions('elasticsearch', '{ username: elastic, password: p }', {
        url: 'https://es.example/ops-{date}/_doc',
      }),
    ],
  ])('is %s', (_, text) => {
    const compiled = compiledFrom(text)
    expect(complaints(compiled)).toEqual([])
    expect(compiled.placed).toHaveLength(1)
  })
})
