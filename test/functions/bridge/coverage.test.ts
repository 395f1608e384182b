import { expect, it } from 'vitest'
import { coverageOf } from '../../../functions/bridge/coverage.ts'
import { hookOf } from './ledger/books.ts'

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

it('coverageOf() names each pattern that matches once, and the hooks in force', () => {
  const coverage = coverageOf()
  expect([coverage.hooks(), coverage.patternsOf('ops.a')]).toEqual([undefined, []])
  const hooks = ['ops.>', 'ops.>', 'ops.*', 'ops.b'].map((subject, index) => hookOf(`n/h${index}`, subject))
  coverage.put({ revision: '1', hooks })
  expect(coverage.patternsOf('ops.a').sort()).toEqual(['ops.*', 'ops.>'])
  expect(coverage.hooks()).toBe(hooks)
})
