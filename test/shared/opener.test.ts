import { expect, it } from 'vitest'
import { openerOf } from '../../shared/opener.ts'

it('openerOf() opens once, with the first call', async () => {
  let times = 0
  const { open, opened } = openerOf(async () => ++times)
  expect(opened()).toBeUndefined()
  expect(await Promise.all([open(), open()])).toEqual([1, 1])
  expect(await opened()).toBe(1)
})

it('openerOf() opens again where it failed, and hands nobody what failed before', async () => {
  let times = 0
  const { open, opened } = openerOf(async () => {
    if (++times === 1) throw new Error('away')
    return times
  })
  await expect(open()).rejects.toThrow('away')
  expect(opened()).toBeUndefined()
  expect(await open()).toBe(2)
})
