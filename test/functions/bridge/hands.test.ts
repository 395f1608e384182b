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
