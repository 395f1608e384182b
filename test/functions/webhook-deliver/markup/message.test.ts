import { describe, expect, it } from 'vitest'
import { messageOf, worded } from '../../../../functions/webhook-deliver/markup/message.ts'
import { shipment } from '../sinks/shipments.ts'

describe('messageOf()', () => {
  it('is plain text without controls, and has a title whatever happens', () => {
    const fields: [string, string][] = [
      ['a\nb', 'c\u001b\nd'],
      ['empty', '\u200b'],
    ]
    const message = messageOf(shipment({ title: '\u202e', fields, additional: ' x\u0007 ' }))
    expect(message).toMatchObject({ title: 'Kube', fields: [['a b', 'c\nd']], additional: 'x', notes: [] })
  })

  it('shows the text of what has no fields', () => {
    expect(messageOf(shipment({ fields: [], text: 'hello' })).fields).toEqual([['', 'hello']])
  })

  it.each([
    [{ held: { count: 37, since: '2026-01-31T10:02:00Z' } }, ['37 more like this since 10:02 UTC']],
    [{ held: { count: 1, since: '2026-01-30T10:02:00Z' } }, ['1 more like this since 2026-01-30 10:02 UTC']],
    [{ held: { count: 0, since: '2026-01-31T10:02:00Z' } }, []],
    [{ held: { count: 2, since: 'x' } }, ['2 more like this since an unknown time']],
    [
      { resolved: { delivery: 'd', from: '2026-01-31T11:55:50Z', to: '2026-01-31T12:00:00Z' } },
      ['Resolved after 4m10s'],
    ],
    [
      { resolved: { delivery: 'd', from: '2026-01-31T12:00:01Z', to: '2026-01-31T12:00:00Z' } },
      ['Resolved after 0ms'],
    ],
  ])('tells %o', (told, notes) => {
    expect(messageOf(shipment(told)).notes).toEqual(notes)
  })

  it.each([
    ['https://console.example/e?id=a(b)|<c>', 'https://console.example/e?id=a%28b%29%7C%3Cc%3E'],
    ['javascript:alert(1)', undefined],
    ['not a url', undefined],
    [`https://console.example/${'x'.repeat(2_000)}`, undefined],
  ])('links to %s as %s', (link, shown) => {
    expect(messageOf(shipment({ link })).link).toBe(shown)
  })
})

describe('worded()', () => {
  it.each([
    ['resolved' as const, 'NodeReady: node/a'],
    ['info' as const, 'Resolved: NodeReady: node/a'],
  ])('says only once that it is over (%s)', (tone, title) => {
    const message = messageOf(shipment({ title: 'Resolved: NodeReady: node/a' }))
    expect(worded({ ...message, tone })).toEqual({ ...message, tone, title })
  })
})
