import { describe, expect, it } from 'vitest'
import { listed } from '../../../shared/receivers/mentions.ts'

describe('listed()', () => {
  it.each([
    [undefined, []],
    ['', []],
    [' ann, bob ,, ', ['ann', 'bob']],
  ])('reads %j', (option, entries) => {
    expect(listed(option)).toEqual(entries)
  })
})
