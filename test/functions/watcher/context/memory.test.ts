import { describe, expect, it } from 'vitest'
import { memoryOf } from '../../../../functions/watcher/context/memory.ts'

describe('memoryOf()', () => {
  it('forgets what was not asked after for the longest time', () => {
    const memory = memoryOf<string>(2)
    memory.put('a', 'A', 10)
    memory.put('b', 'B', 10)
    memory.get('a', 0)
    memory.put('c', 'C', 10)
    expect(['a', 'b', 'c'].map(key => memory.get(key, 0)?.value)).toEqual(['A', undefined, 'C'])
    expect(memory.size()).toBe(2)
  })

  it('has what is old still, and says so', () => {
    const memory = memoryOf<string>(2)
    memory.put('a', 'A', 10)
    expect([9, 10].map(now => memory.get('a', now))).toEqual([
      { value: 'A', fresh: true },
      { value: 'A', fresh: false },
    ])
  })

  it('knows that there is no such thing, and what nobody looked for', () => {
    const memory = memoryOf<string>(2)
    memory.put('a', undefined, 10)
    expect(memory.get('a', 0)).toEqual({ value: undefined, fresh: true })
    expect(memory.get('b', 0)).toBeUndefined()
  })
})
