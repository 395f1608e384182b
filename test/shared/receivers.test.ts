import { describe, expect, it } from 'vitest'
import { HookType } from '../../shared/hook-words.ts'
import { sentenceOf } from '../../shared/receivers/settings.ts'
import { type ReceiverType, readSettings, receivers } from '../../shared/receivers.ts'

const types = HookType.exclude(['event']).options
const sending = types.filter(type => !receivers[type].inside)
const needed: Partial<Record<ReceiverType, Record<string, string>>> = {
  elasticsearch: { index: 'ops-{date}' },
  telegram: { chat_id: '-1001', token: '123456:ABC-def' },
  pagerduty: { routing_key: 'R0UT1NG' },
  task: { taskRef: 'remedy' },
}

/** What is wrong with options of a type, beside what it needs. */
function said(type: ReceiverType, options: Record<string, string>, url = 'https://example.com/a/') {
  const read = readSettings(type, { url: URL.parse(url) ?? undefined, options })
  return 'flaws' in read ? read.flaws.map(sentenceOf) : []
}

describe.each(types)('the settings of type %s', type => {
  it('are well with what it needs, and with whatever the older system had beside', () => {
    const older = { ...needed[type], token_: 'x', timeout: '5', channel2: '', 'x y': '🙂', constructor: 'y' }
    expect(readSettings(type, { url: receivers[type].home, options: needed[type] ?? {} })).toEqual({
      headers: {},
      keys: [],
    })
    expect(said(type, older)).toEqual([])
  })

  it('are told without a value, all of them at once', () => {
    const bad = 'CANARY s3cret, <!>'
    const names = ['secret', 'username', 'password', 'bearer', 'headers.Host', 'labels.a-b', 'token_']
    const options = Object.fromEntries([...names, ...receivers[type].options].map(name => [name, bad]))
    const all = said(type, options, 'https://CANARY@example.com/CANARY?s3cret=CANARY')
    const exclusion = 'options.password and options.bearer exclude each other'
    expect(all.includes(exclusion)).toBe(sending.includes(type))
    expect(all.join('\n')).not.toMatch(/canary|s3cret/i)
  })
})

describe.each(sending)('the settings of type %s, which sends requests,', type => {
  it('are refused with what no request of it could carry', () => {
    expect(said(type, { ...needed[type], bearer: 'a b', 'headers.Host': 'x' })).toEqual([
      'options.bearer has to be of visible ASCII characters without blanks',
    ])
    const own = ['dingtalk', 'feishu'].includes(type)
    expect(said(type, { ...needed[type], secret: 'whsec_!' })).toEqual(
      own ? [] : ['options.secret has a key whsec_… that is not in base64'],
    )
  })
})

// [type, options, what is said]
const wrong: [ReceiverType, Record<string, string>, string[]][] = [
  ['webhook', { format: 'xml' }, ['options.format has to be one of json, text, cloudevent']],
  ['webhook', { format: '' }, ['options.format has to be one of json, text, cloudevent']],
  [
    'slack',
    { mentions: 'U0123, <!channel>' },
    ['options.mentions has to list members and groups of Slack such as U0123ABCD, !here, !subteam^S0123ABCD'],
  ],
  [
    'dingtalk',
    { mentions: 'a b' },
    ['options.mentions has to list mobile numbers and user ids of DingTalk, or "all"'],
  ],
  [
    'feishu',
    { mentions: '<at>' },
    ['options.mentions has to list open ids and user ids of Feishu such as ou_0123, or "all"'],
  ],
  ['wecom', { mentions: 'a b' }, ['options.mentions has to list user ids of WeCom']],
  [
    'teams',
    { mentions: 'ann and bob' },
    [
      'options.mentions has to list people by their user principal name, such as ann@example.com, or Entra object id',
    ],
  ],
  [
    'discord',
    { mentions: '42, ann' },
    ['options.mentions has to list ids of users, &ids of roles, "everyone" and "here" of Discord'],
  ],
  [
    'telegram',
    {},
    ['options.chat_id is missing: the chat to write to', 'options.token is missing: the token of the bot'],
  ],
  [
    'telegram',
    { chat_id: '1', token: 'x/../y', thread: 'general', parse_mode: 'Markdown' },
    [
      'options.token is no token of a Telegram bot: it looks like 123456:ABC-DEF',
      'options.thread is no number: it is the id of a topic',
      'options.parse_mode has to be one of HTML, MarkdownV2, none',
    ],
  ],
  [
    'pagerduty',
    { routing_key: '' },
    ['options.routing_key is missing: the integration key of an Events API v2 integration'],
  ],
  [
    'alertmanager',
    { 'labels.my-team': 'x', 'labels.team': 'y', lasts: '0s' },
    [
      'options.labels.my-team is no name of a label: letters, digits and "_", no digit first',
      'options.lasts is no duration such as 1h',
    ],
  ],
  ['alertmanager', { lasts: 'long' }, ['options.lasts is no duration such as 1h']],
  ['task', {}, ['options.taskRef is missing: the name of the Task to start']],
  [
    'task',
    { taskRef: 'Remedy One' },
    ['options.taskRef is no name of a Task: it has lower-case letters, digits, "-" and "."'],
  ],
  [
    'task',
    { taskref: 'remedy' },
    ['options.taskRef is missing: the name of the Task to start; is "taskref" meant for it?'],
  ],
  [
    'task',
    {
      taskRef: 'remedy',
      'variables.PATH': 'x',
      'variables.a b': 'x',
      'variables.NAMESPACE': 'x',
      'variables.': 'x',
    },
    [
      'options.variables.PATH cannot be set: the name means something to what runs the steps; take another one',
      'options.variables.a b is no name of a variable: letters, digits and "_.-", a letter or "_" first',
      'options.variables.NAMESPACE cannot be set: the name means something to what runs the steps; take another one',
      'options.variables. is no name of a variable: letters, digits and "_.-", a letter or "_" first',
    ],
  ],
  ...['0', '3601', '1e3', '', '-1', '60 '].map((maxPerHour): (typeof wrong)[number] => [
    'task',
    { taskRef: 'remedy', maxPerHour },
    ['options.maxPerHour has to be a whole number from 1 to 3600'],
  ]),
  [
    'task',
    { taskRef: 'remedy', 'variables.x': 'x'.repeat(16_385) },
    ['options.variables.x is longer than 16384 characters'],
  ],
]

describe('what is wrong', () => {
  it.each(wrong)('with type %s and options %j is said', (type, options, all) => {
    expect(said(type, options)).toEqual(all)
  })

  it('is nothing with what each service can call', () => {
    const mentions: [ReceiverType, string][] = [
      ['slack', 'U0123, @W1, !here, !subteam^S0123ABCD, !channel'],
      ['dingtalk', '13800000000, +86-13800000000, ann.lee, all'],
      ['feishu', 'ou_0123, all'],
      ['wecom', 'ann, ann@corp'],
      ['teams', 'ann@example.com, 3a5c-11'],
      ['discord', '42, &43, everyone, @here'],
      ['telegram', '@ann, bob'],
    ]
    for (const [type, list] of mentions) expect(said(type, { ...needed[type], mentions: list })).toEqual([])
  })

  it('is not the token that a whole url of Telegram has in it', () => {
    const url = 'https://api.telegram.org/bot1:a/sendMessage'
    expect(said('telegram', { chat_id: '1' }, url)).toEqual([])
    expect(said('telegram', { chat_id: '1', token: 'x' }, url)).toHaveLength(1)
  })

  it('is not guessed of a url that is none', () => {
    expect(said('elasticsearch', {}, 'nowhere')).toEqual([])
    expect(said('telegram', { chat_id: '1' }, 'nowhere')).toEqual([])
  })
})

describe('a name beside it', () => {
  const missing = 'options.routing_key is missing: the integration key of an Events API v2 integration'
  it.each(['routingkey', 'routing-key', 'Routing_Key', 'routngkey'])(
    'that looks meant, %s, is named',
    name => {
      expect(said('pagerduty', { [name]: 's3cret' })).toEqual([`${missing}; is "${name}" meant for it?`])
    },
  )

  it.each(['index', 'username', 'headers.routing_key', `routing_key${'x'.repeat(30)}`])(
    'that does not, or is known as itself, %s, is not',
    name => {
      expect(said('pagerduty', { [name]: 'x' })).toEqual([missing])
    },
  )

  it('is none when the right one is there', () => {
    expect(said('pagerduty', { routing_key: 'R', routingkey: 'x' })).toEqual([])
    expect(said('pagerduty', { routing_key: '', routingkey: 'x' })).toEqual([missing])
  })
})
