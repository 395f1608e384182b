import { describe, expect, it, vi } from 'vitest'
import { gathering } from '../../../functions/webhook-deliver/remember.ts'

describe('gathering()', () => {
  it('writes the keys of a moment together, without waiting for the end of the batch', async () => {
    vi.useFakeTimers()
    const writes: string[][] = []
    const { add, end } = gathering(async keys => writes.push(keys))
    add('a')
    add('b')
    expect(writes).toEqual([])
    vi.advanceTimersByTime(20)
    expect(writes).toEqual([['a', 'b']])
    add('c')
    await end()
    expect(writes).toEqual([['a', 'b'], ['c']])
    await end()
    expect(writes).toHaveLength(2)
    vi.useRealTimers()
  })

  it('ends when all is written', async () => {
    const acks: (() => void)[] = []
    const { add, end } = gathering(() => new Promise<void>(resolve => acks.push(resolve)))
    add('a')
    let ended = false
    const ending = end().then(() => {
      ended = true
    })
    await Promise.resolve()
    expect(ended).toBe(false)
    acks[0]?.()
    await ending
  })
})
