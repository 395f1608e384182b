import { expect, test } from 'vitest'
import { check } from './check.ts'

const posted = [
  { n: 1, matches: true, accepted: true },
  { n: 2, matches: false, accepted: true },
  { n: 3, matches: true, accepted: false },
]
const received = { n: 1, hook: 'a', webhookId: 'w1', eventId: 'e1' }

test('check() is content when what was accepted and matches has arrived', () => {
  const findings = check(posted, [received], ['a'])
  expect(findings).toEqual({
    accepted: 2,
    expected: 1,
    received: 1,
    repeats: 0,
    missing: [],
    invented: [],
    confused: [],
  })
})

test('check() names what is missing, by event and hook', () => {
  expect(check(posted, [received], ['a', 'b']).missing).toEqual(['1 b'])
})

test('check() lets an event arrive whose acceptance nobody saw, and does not ask for it', () => {
  const findings = check(posted, [received, { ...received, n: 3, webhookId: 'w3' }], ['a'])
  expect(findings).toMatchObject({ missing: [], invented: [] })
})

test('check() names deliveries that no hook should have made', () => {
  expect(check(posted, [received, { ...received, n: 2, webhookId: 'w2' }], ['a']).invented).toEqual(['2 a'])
})

test('check() counts repeats, and names one that came under another id', () => {
  expect(check(posted, [received, received], ['a'])).toMatchObject({ repeats: 1, confused: [] })
  expect(check(posted, [received, { ...received, webhookId: 'other' }], ['a']).confused).toEqual([
    '1 a: w1, other',
  ])
})
