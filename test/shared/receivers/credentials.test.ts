import { describe, expect, it } from 'vitest'
import { credentialsOf } from '../../../shared/receivers/credentials.ts'
import { sentenceOf } from '../../../shared/receivers/settings.ts'

const url = new URL('https://example.com/hook')

describe('credentialsOf()', () => {
  it.each<[string, string, Record<string, string>, Record<string, string>]>([
    ['nothing', 'https://example.com/', {}, {}],
    [
      'user and password of the url',
      'https://user:p%40ss@example.com/',
      {},
      { authorization: `Basic ${btoa('user:p@ss')}` },
    ],
    [
      'a percent sign that is none',
      'https://u%zz@example.com/',
      {},
      { authorization: `Basic ${btoa('u%zz:')}` },
    ],
    [
      'username and password before those of the url',
      'https://a:b@example.com/',
      { username: 'user', password: 'pä:ss' },
      { authorization: `Basic ${Buffer.from('user:pä:ss').toString('base64')}` },
    ],
    ['no name without a password', 'https://example.com/', { username: 'Robot' }, {}],
    ['a password alone', 'https://example.com/', { password: 'p' }, { authorization: `Basic ${btoa(':p')}` }],
    [
      'bearer',
      'https://a:b@example.com/',
      { bearer: 'abc.def-_~+/=' },
      { authorization: 'Bearer abc.def-_~+/=' },
    ],
    [
      'headers, their names in lower case',
      'https://example.com/',
      { 'headers.X-Api-Key': 'k 1', 'headers.content-type': 'text/plain', format: 'text' },
      { 'x-api-key': 'k 1', 'content-type': 'text/plain' },
    ],
    [
      'a header of authorization before the url',
      'https://a:b@example.com/',
      { 'headers.Authorization': 'ApiKey abc' },
      { authorization: 'ApiKey abc' },
    ],
  ])('puts %s into the head', (_, text, options, headers) => {
    expect(credentialsOf(new URL(text), options)).toEqual({ headers })
  })

  it.each<[Record<string, string>, string]>([
    [{ password: 'a', bearer: 's3cret' }, 'options.password and options.bearer exclude each other'],
    [
      { bearer: 's3cret', 'headers.Authorization': 's3cret' },
      'options.bearer and options.headers.Authorization exclude each other',
    ],
    [{ username: 's3:cret', password: '' }, 'options.username has a ":", which ends it'],
    [{ bearer: 's3cret\r\nx: y' }, 'options.bearer has to be of visible ASCII characters without blanks'],
    [{ bearer: '' }, 'options.bearer has to be of visible ASCII characters without blanks'],
    [{ 'headers.X-A': 's3cret\r\nx: y' }, 'options.headers.X-A has other characters than those of ASCII'],
    [{ 'headers.X-A': 's3crét' }, 'options.headers.X-A has other characters than those of ASCII'],
    [{ 'headers.X-A': 's3cret'.repeat(1_000) }, 'options.headers.X-A has more than 4096 characters'],
    [{ 'headers.': 's3cret' }, 'options.headers. is no name of a header'],
    [{ 'headers.X A': 's3cret' }, 'options.headers.X A is no name of a header'],
    ...[
      'Host',
      'Content-Length',
      'Transfer-Encoding',
      'Connection',
      'TE',
      'Upgrade',
      'Proxy-Authorization',
      'Expect',
      'Webhook-Id',
      'webhook-signature',
      'ops-hops',
      'CE-id',
    ].map((name): [Record<string, string>, string] => [
      { [`headers.${name}`]: 's3cret' },
      `options.headers.${name} is a header that a hook cannot set`,
    ]),
  ])('refuses %j, naming the option and not its value', (options, problem) => {
    const read = credentialsOf(url, options)
    expect('flaw' in read && sentenceOf(read.flaw)).toBe(problem)
  })
})
