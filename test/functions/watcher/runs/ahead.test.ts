import { describe, expect, it } from 'vitest'
import { seenAhead } from '../../../../functions/watcher/runs/ahead.ts'

async function* upTo(most: number, ends: () => void = () => {}) {
  try {
    for (let number = 1; number <= most; number++) yield number
  } finally {
    ends()
  }
}

/** Everything that can go on without us does. */
const settle = () => new Promise(resolve => setImmediate(resolve))

describe('seenAhead()', () => {
  it('hands on all of them in order', async () => {
    const taken: number[] = []
    for await (const one of seenAhead(upTo(500), () => {}, 3)) taken.push(one)
    expect(taken).toEqual(Array.from({ length: 500 }, (_, index) => index + 1))
  })

  it('sees them while nobody takes them, so many at most', async () => {
    const seen: number[] = []
    const items = seenAhead(upTo(500), one => seen.push(one), 10)
    await items.next()
    await settle()
    expect(seen.at(-1)).toBe(11)
    await items.return(undefined)
  })

  it('stops when nobody wants more', async () => {
    let ended = false
    const items = seenAhead(
      upTo(500, () => (ended = true)),
      () => {},
      10,
    )
    await items.next()
    await items.return(undefined)
    await settle()
    expect(ended).toBe(true)
  })

  it('fails as what it reads does', async () => {
    async function* failing() {
      yield 1
      throw new Error('It is broken')
    }
    const taken: number[] = []
    const take = async () => {
      for await (const one of seenAhead(failing(), () => {})) taken.push(one)
    }
    await expect(take()).rejects.toThrow('It is broken')
    expect(taken).toEqual([1])
  })
})
