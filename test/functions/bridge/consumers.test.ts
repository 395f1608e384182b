import { describe, expect, it } from 'vitest'
import { filterOf, merged } from '../../../functions/bridge/consumers.ts'

describe('filterOf() and merged()', () => {
  it('drops what another pattern covers', () => {
    expect(merged(['ops.a.>', 'ops.a.b', 'ops.*.b', 'ops.a.>'])).toEqual(['ops.a.>', 'ops.*.b'])
    expect(merged(['ops.>', 'ops.a.*'])).toEqual(['ops.>'])
  })

  it('asks a server only for what it honours', () => {
    expect(filterOf(['ops.a.>', 'ops.a.b'], '2.9.10')).toEqual({ filter_subject: 'ops.a.>' })
    expect(filterOf(['ops.a.>', 'ops.b.>'], '2.9.10')).toEqual({})
    expect(filterOf(['ops.a.>', 'ops.b.>'], '2.10.0')).toEqual({ filter_subjects: ['ops.a.>', 'ops.b.>'] })
    expect(filterOf(['ops.a.>', 'ops.b.>'], '3.0.0-RC.1')).toEqual({
      filter_subjects: ['ops.a.>', 'ops.b.>'],
    })
  })
})
