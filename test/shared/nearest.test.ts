import { expect, test } from 'vitest'
import { nearest } from '../../shared/nearest.ts'

test.each([
  ['triger', 'trigger'],
  ['HOOK', 'hook'],
  ['page_sise', 'page_size'],
  ['something', undefined],
])('nearest() to %s is %s', (given, meant) => {
  expect(nearest(given, ['hook', 'trigger', 'page_size'])).toBe(meant)
})
