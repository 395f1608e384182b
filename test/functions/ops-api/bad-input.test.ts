import { describe, expect, it } from 'vitest'

import { ownNats, sharedRedis } from '../../servers.ts'
import { tokensFile } from '../../tokens.ts'
import { openApi, openBus, token } from './rig.ts'

const file = tokensFile({
  nobody: { publish: ['ops.>'] },
  reader: { read: ['ops.>'] },
  burier: { rights: ['deadletters'] },
  hush: { rights: ['silences'] },
  runner: { rights: ['runs'] },
})

const nats = await ownNats()
const bus = await openBus(nats.url)
const api = await openApi({ nats: nats.url, redis: sharedRedis() }, { env: { SERVER_TOKENS_FILE: file } })

const replay = '/deadletters/replay'
const runs = '/namespaces/a/taskruns'
const table: [
  what: string,
  ask: [method: string, path: string, body?: unknown],
  status: number,
  said: RegExp,
][] = [
  [
    'an unknown path',
    ['GET', '/deadleters'],
    404,
    /Nothing is at "\/api\/v1\/deadleters": there are .*\/api\/v1\/deadletters,/,
  ],
  ['a path too long', ['GET', '/deadletters/1/2'], 404, /Nothing is at/],
  [
    'another method',
    ['DELETE', '/deadletters'],
    405,
    /DELETE is not answered at \/api\/v1\/deadletters: GET is/,
  ],
  ['a broken escape', ['GET', '/deadletters/%zz'], 400, /not percent-encoded UTF-8/],
  [
    'an unknown parameter',
    ['GET', '/deadletters?triger=a'],
    400,
    /there is no parameter "triger", did you mean "trigger"\?/,
  ],
  [
    'one like none',
    ['GET', '/deadletters?something=a'],
    400,
    /there is no parameter "something", there are hook, trigger/,
  ],
  ['one given twice', ['GET', '/deadletters?hook=a/b&hook=c/d'], 400, /"hook" is given twice/],
  ['a hook without namespace', ['GET', '/deadletters?hook=a'], 400, /hook: it has to be namespace\/name/],
  [
    'a trigger of other letters',
    ['GET', '/deadletters?trigger=%3E'],
    400,
    /trigger: it has to be the name of a trigger/,
  ],
  [
    'a bad time',
    ['GET', '/deadletters?start_time=yesterday'],
    400,
    /start_time: it has to be Unix milliseconds/,
  ],
  ['a bad page', ['GET', '/deadletters?page=0'], 400, /page: it has to be a whole number from 1/],
  ['a bad size', ['GET', '/deadletters?page_size=101'], 400, /page_size: it has to be .* from 1 to 100/],
  ['a page too far', ['GET', '/deadletters?page=1000'], 400, /Cannot go to page 1000.*follow "cursor"/],
  ['a bad id', ['GET', '/deadletters?id=1,x'], 400, /id\.1: it has to be the id of a dead letter/],
  ['a letter that is not there', ['GET', '/deadletters/12345'], 404, /no dead letter "12345"/],

  ['no body', ['POST', replay, ''], 400, /it is empty, it has to be a JSON object/],
  ['no JSON', ['POST', replay, '{'], 400, /Cannot read the body: it is not JSON/],
  ['an array', ['POST', replay, '[]'], 400, /it has to be a JSON object/],
  ['a deep one', ['POST', replay, `${'['.repeat(5_000)}`], 400, /nested deeper/],
  [
    'too much',
    ['POST', replay, JSON.stringify({ reason: 'x'.repeat(70_000) })],
    413,
    /larger than 65536 bytes/,
  ],
  ['nothing chosen', ['POST', replay, {}], 422, /Nothing is chosen: give ids, hook, .*"all": true/],
  ['nothing chosen but how', ['POST', replay, { dryRun: true, limit: 3 }], 422, /Nothing is chosen/],
  ['all and some', ['POST', replay, { all: true, hook: 'a/b' }], 422, /Cannot choose all and some/],
  ['not all', ['POST', replay, { all: false }], 422, /all: it can only be true/],
  ['an unknown field', ['POST', replay, { dryrun: true }], 422, /no field "dryrun", did you mean "dryRun"\?/],
  [
    'ids that are numbers',
    ['POST', replay, { ids: [1] }],
    422,
    /ids\.0: it has to be the id of a dead letter, such as "17"/,
  ],
  ['no ids', ['POST', replay, { ids: [] }], 422, /ids: it is empty/],
  [
    'a bad replay id',
    ['POST', replay, { all: true, replayId: 'a b' }],
    422,
    /replayId: it has to be letters/,
  ],
  ['too many', ['POST', replay, { all: true, limit: 5_001 }], 422, /limit: it has to be .* to 5000/],
  [
    'a word for a switch',
    ['POST', replay, { all: true, dryRun: 'yes' }],
    422,
    /dryRun: it has to be true or false/,
  ],

  ['a silence without an end', ['POST', '/silences', {}], 422, /until: it is missing: a silence has an end/],
  [
    'a bad subject',
    ['POST', '/silences', { subject: 'ops..a', until: '2030-01-01T00:00:00Z' }],
    422,
    /subject: it is "ops\.\.a", which is no subject pattern/,
  ],
  [
    'a bad time of an end',
    ['POST', '/silences', { until: 'tomorrow' }],
    422,
    /until: it has to be a time such as/,
  ],
  [
    'a bad matcher',
    ['POST', '/silences', { until: '2030-01-01T00:00:00Z', matchers: [{ name: 'a', valu: 'b' }] }],
    422,
    /matchers\.0\.value: it is missing.*no field "matchers\.0\.valu", did you mean "value"/,
  ],
  [
    'a bad pattern',
    ['POST', '/silences', { until: '2030-01-01T00:00:00Z', matchers: [{ name: 'a', op: '=~', value: '(' }] }],
    422,
    /matchers\.0\.value: .*cannot be honoured/,
  ],
  [
    'a bad cron',
    ['POST', '/silences', { schedule: { cron: 'x', duration: '1h' } }],
    422,
    /schedule: it has to have five fields/,
  ],
  [
    'a bad name',
    ['POST', '/silences', { until: '2030-01-01T00:00:00Z', name: 'A b' }],
    422,
    /name: it has to be lower-case/,
  ],
  ['a bad state', ['GET', '/silences?state=on'], 400, /state: it has to be active, pending or expired/],
  ['a silence that is not there', ['GET', '/silences/a/b'], 404, /There is no silence "a\/b"/],
  [
    'one to be changed',
    ['PUT', '/silences/a/b', { until: '2030-01-01T00:00:00Z' }],
    404,
    /There is no silence "a\/b"/,
  ],
  ['one to be ended', ['DELETE', '/silences/a/b'], 404, /There is no silence "a\/b"/],
  ['one with a strange name', ['GET', '/silences/a/%2A'], 404, /There is no silence "a\/\*"/],
  ['a run of nothing', ['POST', runs, { variables: {} }], 422, /taskRef: it is missing/],
  [
    'a run of what is not there',
    ['POST', runs, { taskRef: 'x' }],
    404,
    /There is no Task "x".*there are none/,
  ],
  ['hooks before there are any', ['GET', '/namespaces/a/eventhooks'], 503, /No hooks are compiled yet/],
]

describe('ops-api refuses', () => {
  it.each(table)('%s', async (_, [method, path, body], status, said) => {
    const answered = await api.ask(method, path, { body })
    expect(answered).toMatchObject({ status, message: expect.stringMatching(said) })
  })

  it.each([
    ['a compressed body', { 'content-encoding': 'gzip', 'content-type': 'application/json' }],
    ['what a form of any page could send', { 'content-type': 'text/plain' }],
  ])('%s', async (_, headers) => {
    const answer = await fetch(`${api.url}/api/v1/deadletters/replay`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, ...headers },
      body: '{"all":true}',
    })
    expect(answer.status).toBe(415)
  })

  it.each([
    ['', 401],
    ['for-the-tests-onlz', 401],
    ['nobody-token', 403],
  ])('the token "%s" with %i', async (bearer, status) => {
    const answered = await api.ask('GET', '/silences', { bearer })
    expect(answered).toMatchObject({ status })
    if (status === 401) expect(answered.headers.get('www-authenticate')).toContain('Basic')
  })
})

describe('a token of ops-api', () => {
  const allowed: [bearer: string, can: [string, string][], cannot: [string, string][]][] = [
    [
      'reader-token',
      [['GET', '/silences']],
      [
        ['GET', '/deadletters'],
        ['POST', replay],
        ['POST', '/silences'],
      ],
    ],
    [
      'burier-token',
      [
        ['GET', '/silences'],
        ['GET', '/deadletters'],
      ],
      [
        ['POST', '/silences'],
        ['DELETE', '/silences/a/b'],
      ],
    ],
    [
      'hush-token',
      [
        ['GET', '/silences'],
        ['DELETE', '/silences/a/b'],
      ],
      [
        ['GET', '/deadletters/1'],
        ['POST', replay],
        ['POST', runs],
      ],
    ],
    [
      'runner-token',
      [
        ['GET', runs],
        ['POST', runs],
        ['GET', '/silences'],
      ],
      [
        ['GET', '/deadletters'],
        ['POST', '/silences'],
      ],
    ],
  ]
  it.each(allowed)('"%s" may do what it has the right to', async (bearer, can, cannot) => {
    for (const [method, path] of can)
      expect((await api.ask(method, path, { bearer })).status, `${method} ${path}`).not.toBe(403)
    for (const [method, path] of cannot)
      expect(await api.ask(method, path, { bearer, body: method === 'GET' ? undefined : {} })).toMatchObject({
        status: 403,
        message: expect.stringMatching(
          /^Token "\w+" may not \w+ \/api\/v1\/\S+: it needs the right "\w+", or "admin"$/,
        ),
      })
  })

  it('forgets keys of hosts for an administrator only', async () => {
    const path = '/namespaces/a/hosts/b/hostkey'
    expect(await api.ask('DELETE', path, { bearer: 'runner-token' })).toMatchObject({
      status: 403,
      message: expect.stringMatching(/^Token "runner" may not DELETE .*: it needs the right "admin"$/),
    })
    expect(await api.ask('DELETE', path)).toMatchObject({ status: 404 })
  })

  it('may come as the password of Basic', async () => {
    const answer = await fetch(`${api.url}/api/v1/deadletters`, {
      headers: { authorization: `Basic ${btoa('anyone:burier-token')}` },
    })
    expect(answer.status).toBe(200)
  })
})

it('changes nothing by what it refuses', async () => {
  expect(await bus.waiting()).toEqual([])
})
