import { describe, expect, it } from 'vitest'
import { tsqueryText, tsvectorText, wordsAsked, wordsOf } from '../../shared/words.ts'

const found = (text: string, q: string) => {
  const words = wordsOf(text)
  return wordsAsked(q).every(({ word, beginning }) =>
    words.some(one => (beginning ? one.startsWith(word) : one === word)),
  )
}

const pull = 'Failed to pull image "registry.io:5000/team/foo:1.2.3": dial tcp 10.244.1.7:8080: refused'
const pod = 'Stopping pod web-7d9f8c-abcde_shop(uid) on ip-10-0-0-1.ec2.internal'

describe('wordsOf()', () => {
  it.each<[string, string, string[]]>([
    ['runs of letters and digits, lower-cased', 'Back-off, RESTARTING', ['back', 'off', 'restarting']],
    [
      'versions and addresses as a whole and in parts',
      '10.0.7.1 v1.2',
      ['10.0.7.1', '10', '0', '7', '1', 'v1.2', 'v1', '2'],
    ],
    ['neighbouring characters of Chinese', '磁盘空间', ['磁盘', '盘空', '空间', '间']],
    ['full-width forms as what they mean', 'ＯＯＭ', ['oom']],
    ['each word once', 'a b a', ['a', 'b']],
    ['nothing of signs', '… -- "" \0 \ud800', []],
  ])('finds %s', (_, text, words) => expect(wordsOf(text)).toEqual(words))

  it('bounds how many there are and how long they are', () => {
    const many = Array.from({ length: 5_000 }, (_, at) => `w${at}`).join(' ')
    expect(wordsOf(many)).toHaveLength(400)
    expect(wordsOf('x'.repeat(1_000_000))).toEqual(['x'.repeat(64)])
    expect(wordsAsked(many)).toHaveLength(32)
  })
})

describe('wordsAsked()', () => {
  it.each([
    [pull, 'foo:1.2.3'],
    [pull, 'registry.io:5000/team/foo'],
    [pull, 'Failed image'],
    [pull, '10.244.1.7'],
    [pull, '10.244.1'],
    [pull, '244'],
    [pull, 'refus'],
    [pod, 'web-7d9f8c'],
    [pod, 'ec2.internal'],
    [pod, 'ip-10-0-0-1'],
    ['节点磁盘空间不足', '磁盘空间'],
    ['节点磁盘空间不足', '足'],
    ['节点磁盘空间不足 on node1', 'Node1 空间'],
    ['1.2.3.Final', '1.2.3'],
  ])('finds %s by %s', (text, q) => expect(found(text, q)).toBe(true))

  it.each([
    [pull, 'foo:1.2.4'],
    [pull, 'bar'],
    [pull, '10.244.7.1'],
    ['节点磁盘空间不足', '空盘'],
  ])('does not find %s by %s', (text, q) => expect(found(text, q)).toBe(false))

  it('has nothing to ask where there is no word', () => expect(wordsAsked('" & | ! :*')).toEqual([]))
})

describe('what PostgreSQL reads', () => {
  it('quotes whatever the words are', () => {
    expect(tsvectorText(["it's", 'a\\b'])).toBe(String.raw`'it''s' 'a\\b'`)
    expect(tsqueryText(wordsAsked("foo's 10.0.7 & !x"))).toBe("'foo':* & 's' & '10.0.7':* & 'x'")
  })
})
