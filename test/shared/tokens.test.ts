import { describe, expect, it } from 'vitest'
import { sha256 } from '../../shared/token.ts'
import { hasRight, mayPublish, parseTokens } from '../../shared/tokens.ts'

const row = (name: string, token: string, more = '') => `- name: ${name}\n  sha256: ${sha256(token)}\n${more}`

describe('parseTokens()', () => {
  it('reads a list', () => {
    expect(parseTokens(row('ci', 'a', '  publish: [Ops.CI.>]\n'))).toEqual([
      { name: 'ci', sha256: sha256('a'), publish: ['ops.ci.>'], read: [], rights: [] },
    ])
    expect(parseTokens(`- {name: a, sha256: ${sha256('a').toUpperCase()}}`)).toMatchObject([
      { sha256: sha256('a') },
    ])
  })

  it.each([
    ['', /it has to be a list/],
    ['name: ci', /it has to be a list/],
    [
      '- {name: ci, sha256: abc}',
      /^token 1: sha256: it has to be the SHA-256 of the token, 64 hexadecimal digits$/,
    ],
    [`- {name: "", sha256: ${sha256('a')}}`, /token 1: name/],
    [`- {name: ci, sha256: ${sha256('')}}`, /token 1: sha256: it is the SHA-256 of an empty text/],
    [`${row('a', 'a')}${row('b', 'b', '  pubish: [a]\n')}`, /token 2: .*"pubish"/],
    [
      row('a', 'a', '  publish: ["ops.>.x"]\n'),
      /token 1: publish\.0: "ops\.>\.x" is no subject pattern: token 2/,
    ],
    [row('a', 'a', '  publish: ops.>\n'), /token 1: publish/],
    ['- {name: [', /at line 1/],
  ])('says what is wrong with %j', (text, message) => {
    expect(() => parseTokens(text)).toThrow(message)
  })

  it('never shows the text of a file that is no YAML', () => {
    expect(() => parseTokens('- name: "ci\n  secret: s3cret')).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('s3cret') }),
    )
  })
})

it('mayPublish() asks the patterns of the token', () => {
  const [token] = parseTokens(row('ci', 'a', '  publish: [ops.ci.>, ops.*.x]\n'))
  expect(token && mayPublish(token, 'ops.ci.a.b')).toBe(true)
  expect(token && mayPublish(token, 'ops.other.x')).toBe(true)
  expect(token && mayPublish(token, 'ops.other.y')).toBe(false)
})

it('hasRight() knows that admin has all of them', () => {
  const rights = (list: string) =>
    parseTokens(row('ci', 'a', `  rights: ${list}\n`)).map(one => hasRight(one, 'silences'))
  expect(rights('[silences]')).toEqual([true])
  expect(rights('[admin]')).toEqual([true])
  expect(rights('[deadletters]')).toEqual([false])
})
