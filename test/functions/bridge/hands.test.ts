import { describe, expect, it } from 'vitest'
import { openHands } from '../../../functions/bridge/hands.ts'
import { item, pulledOf } from './items.ts'

describe('openHands()', () => {
  it('holds a message that comes again only once, and answers by the newer delivery', () => {
    const hands = openHands()
    const [first, second, anew] = [pulledOf(), pulledOf({ deliveries: 2 }), pulledOf({ stored: 2_000 })]
    const held = { ...item(), pulled: first }
    hands.hold(held)
    expect(hands.again(second, 5)).toBe(held)
    expect(hands.again(anew, 5)).toBeUndefined()
    expect(hands.size()).toBe(1)
    expect(hands.release(held)).toBe(true)
    expect(hands.release(held)).toBe(false)
    expect([first.said, second.said]).toEqual([[], ['ack']])
    expect(hands.sizeOf('ops')).toBe(0)
  })

  it('knows how much there is of each group, and of bytes', () => {
    const hands = openHands()
    const of = (seq: number, subject: string) =>
      item({ seq, subject, text: 'four' }, { groupBy: 'subject' as const })
    const all = [of(1, 'deliveries.n.a'), of(2, 'deliveries.n.a'), of(3, 'deliveries.n.b')]
    for (const one of all) hands.hold(one)
    expect(hands.groupsAbove(1)).toEqual(['deliveries.n.a'])
    expect([hands.sizeOfGroup('deliveries.n.a'), hands.bytes()]).toEqual([2, 12])
    // The stream was made anew: another message stands in its place.
    hands.hold({ ...of(1, 'deliveries.n.b'), pulled: { ...pulledOf({ text: 'seven b' }), seq: 1 } })
    expect([hands.sizeOfGroup('deliveries.n.a'), hands.sizeOfGroup('deliveries.n.b')]).toEqual([1, 2])
    expect([hands.size(), hands.bytes()]).toEqual([3, 15])
    hands.handBack(hands.all())
    expect([hands.groupsAbove(0), hands.bytes(), hands.size()]).toEqual([[], 0, 0])
  })

  it('lets go of a message without a word', () => {
    const hands = openHands()
    const held = { ...item(), pulled: pulledOf() }
    hands.hold(held)
    expect([hands.letGo(held), hands.letGo(held), hands.size()]).toEqual([true, false, 0])
    expect(hands.release(held)).toBe(false)
  })

  it('extends old leases, and hands back in order what it still has', () => {
    const hands = openHands()
    const all = [3, 1, 2].map(seq => ({ ...item(), pulled: pulledOf({ seq }) }))
    for (const one of all) hands.hold(one)
    hands.extend(1_000, 2_000)
    hands.extend(2_000, 2_000)
    hands.extend(2_500, 2_000)
    hands.forget(all.slice(1, 2))
    hands.handBack(all, ({ pulled }) => (pulled.seq === 3 ? 70 : undefined))
    expect(all.map(({ pulled }) => pulled.said)).toEqual([
      ['working', 'nak 70'],
      ['working'],
      ['working', 'nak'],
    ])
    expect(hands.size()).toBe(0)
  })
})
