import { describe, expect, it } from 'vitest'
import { givenToken, sameToken, sha256 } from '../../shared/token.ts'

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

describe('givenToken()', () => {
  it.each([
    ['Bearer s3cret', 's3cret'],
    ['bearer   s3cret ', 's3cret'],
    [basic('anyone:s3cret'), 's3cret'],
    [basic(':s3cret'), 's3cret'],
    [basic('anyone:with:colons'), 'with:colons'],
  ])('reads %s', (header, token) => {
    expect(givenToken(header)).toBe(token)
  })

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    's3cret',
    'Digest s3cret',
    'Bearer two words',
    basic('nocolon'),
  ])('finds none in %s', header => {
    expect(givenToken(header)).toBeUndefined()
  })
})

it('sameToken() compares with the SHA-256, whatever is given', () => {
  expect(sameToken('s3cret', sha256('s3cret'))).toBe(true)
  expect(sameToken('S3cret', sha256('s3cret'))).toBe(false)
  expect(sameToken('', sha256('s3cret'))).toBe(false)
  expect(sameToken('s3cret'.repeat(1_000), sha256('s3cret'))).toBe(false)
})
