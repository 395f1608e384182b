import { describe, expect, it } from 'vitest'
import { item } from './items.ts'

describe('itemOf()', () => {
  const story = { 'Ops-Subject': 'ops.x.y.status', 'Ops-Attempts': '4', 'Ops-First-Time': '77' }

  it('goes on with the story of a message in retries', () => {
    expect(
      item({ stream: 'retries', subject: 'retries.t.5.x', headers: story }, { ordered: true }),
    ).toMatchObject({
      ...{ subject: 'ops.x.y.status', lane: 'ops.x.y', attempts: 4, firstTime: 77 },
    })
  })

  it('believes no such headers elsewhere, and no nonsense anywhere', () => {
    expect(item({ headers: story })).toMatchObject({
      subject: 'ops.a.b.events',
      attempts: 0,
      firstTime: 5_000,
    })
    expect(item({ stream: 'retries', headers: { 'Ops-Attempts': 'many' } })).toMatchObject({ attempts: 0 })
  })

  it('knows lanes and groups only where they are asked for', () => {
    expect(item()).toMatchObject({ lane: '', group: '' })
    expect(item({}, { groupBy: 'subject' })).toMatchObject({ lane: '', group: 'ops.a.b.events' })
  })
})
