import { describe, expect, it } from 'vitest'
import { deliverySubject, isDelivery, madeId } from '../../shared/delivery.ts'
import type { OpsEvent } from '../../shared/event.ts'
import { subjectProblem } from '../../shared/subject.ts'

const event: OpsEvent = { specversion: '1.0', id: 'e1', source: 's', type: 'Kube', subject: 'ops.x' }

describe('deliverySubject()', () => {
  it.each([
    ['ops-system', 'notices', 'deliveries.ops-system.notices'],
    ['ops-system', 'a.b', 'deliveries.ops-system.a_b'],
    ['Ops', 'Notices', 'deliveries.ops.notices'],
  ])('of %s/%s', (namespace, name, subject) => {
    expect(deliverySubject({ namespace, name })).toBe(subject)
    expect(subjectProblem(subject)).toBeUndefined()
  })
})

describe('madeId()', () => {
  it('is a UUID, the same for the same event and hook', () => {
    expect(madeId('ns/a', event)).toMatch(/^[\da-f]{8}-[\da-f]{4}-5[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
    expect(madeId('ns/a', { ...event, data: 1, time: '2026-01-31T12:00:00Z' })).toBe(madeId('ns/a', event))
  })

  it('differs by hook, subject, source and id', () => {
    const ids = [
      madeId('ns/a', event),
      madeId('ns/b', event),
      madeId('ns/a', { ...event, subject: 'ops.y' }),
      madeId('ns/a', { ...event, source: 't' }),
      madeId('ns/a', { ...event, id: 'e2' }),
    ]
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('isDelivery()', () => {
  const extensions = { hook: 'ns/a', hookrevision: 'r', deliveryid: 'd' }

  it('knows an event that was sent on', () => expect(isDelivery({ ...event, ...extensions })).toBe(true))

  it.each(Object.keys(extensions))('misses %s', name => {
    expect(isDelivery({ ...event, ...extensions, [name]: undefined })).toBe(false)
  })
})
