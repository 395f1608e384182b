import { expect, it } from 'vitest'
import { coverageOf } from '../../../functions/bridge/coverage.ts'

it('coverageOf() takes everything for covered until the first set, and then what its hooks cover', async () => {
  const coverage = coverageOf()
  expect(coverage.covers('ops.a.b')).toBe(true)
  const hook = {
    ...{ id: 'n/h', namespace: 'n', name: 'h', revision: '1', type: 'webhook' as const, sealed: '' },
    ...{ include: [], exclude: [], matchMode: 'ANY' as const, matchType: 'CONTAINS' as const },
  }
  coverage.put({ revision: '1', hooks: [{ ...hook, subject: 'ops.*.b' }] })
  await coverage.known
  expect([coverage.covers('ops.a.b'), coverage.covers('ops.a.c')]).toEqual([true, false])
  coverage.put({ revision: '2', hooks: [] })
  expect(coverage.covers('ops.a.b')).toBe(false)
})
