import fc from 'fast-check'
import { expect, it } from 'vitest'
import { idOf } from '../../shared/id.ts'

it('idOf() makes a UUID of version 5', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), parts => {
      expect(idOf(...parts)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    }),
  )
})

it('idOf() stays what it is from release to release, since a repeat may come after an update', () => {
  expect(idOf('default', 'ops.a', 'key')).toBe('8bc194ca-f19d-5c3a-9ab2-8f5ff0ad1750')
})

it('idOf() differs where the parts differ, however they are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), fc.array(fc.string()), (some, others) => {
      expect(idOf(...some) === idOf(...others)).toBe(JSON.stringify(some) === JSON.stringify(others))
    }),
  )
  expect(idOf('a', 'b')).not.toBe(idOf('ab'))
  expect(idOf('a', '')).not.toBe(idOf('a'))
})
