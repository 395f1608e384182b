import { expect, it } from 'vitest'
import { Tally } from '../../shared/tally.ts'

it('Tally takes what happened by hook, how often', () => {
  const tally = { 'team-a/pods': { matched: 2, queued: 1, dedup: 1 }, 'team-b/nodes': {} }
  expect(Tally.parse(tally)).toEqual(tally)
  expect(Tally.parse({})).toEqual({})
})

it.each([
  ['no object', 'matched'],
  ['a list', [{ matched: 1 }]],
  ['a number at a hook', { 'team-a/pods': 1 }],
  ['a word that is none of ours', { 'team-a/pods': { lost: 1 } }],
  ['what every object has', { 'team-a/pods': { constructor: 1 } }],
  ['less than nothing', { 'team-a/pods': { matched: -1 } }],
  ['a part of one', { 'team-a/pods': { matched: 0.5 } }],
  ['a number as text', { 'team-a/pods': { matched: '1' } }],
  ['more than can be counted', { 'team-a/pods': { matched: 2 ** 53 } }],
])('Tally does not take %s', (_, value) => {
  expect(Tally.safeParse(value).success).toBe(false)
})
