import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { hookKeeper } from '../../../../functions/watcher/resources/hooks.ts'
import type { Change } from '../../../../shared/changes.ts'
import { object, put } from './objects.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** What it calls back with for each group of changes that come together. */
function told(...groups: Change[][]): string[] {
  const calls: string[] = []
  const { take } = hookKeeper(objects =>
    calls.push(objects.map(({ id, metadata }) => `${id}@${metadata.generation}`).join(' ')),
  )
  for (const group of groups) {
    for (const change of group) take(change)
    vi.advanceTimersByTime(1_000)
  }
  return calls
}

const all = (...names: string[]): Change => ({ kind: 'all', objects: names.map(name => object(name)) })

describe('hookKeeper()', () => {
  it('tells all hooks, in order of their ids, once for changes that come together', () => {
    expect(told([all('b')], [put('c'), put('a'), { kind: 'gone', object: object('b') }])).toEqual([
      'ops/b@1',
      'ops/a@1 ops/c@1',
    ])
  })

  it('takes another status for no change, and another generation or object for one', () => {
    const anew = { metadata: { uid: 'another' } }
    expect(
      told(
        [all('a')],
        [put('a', { status: { matched: 1 } })],
        [put('a', { metadata: { generation: 2 } })],
        [put('a', anew)],
      ),
    ).toEqual(['ops/a@1', 'ops/a@2', 'ops/a@1'])
  })

  it('tells that there is none where there is none, or where the cluster does not know hooks', () => {
    expect(told([all()])).toEqual([''])
    expect(told([{ kind: 'unknown' }], [{ kind: 'unknown' }])).toEqual([''])
  })

  it('keeps what it knows when the cluster does not know hooks any more', () => {
    expect(told([all('a')], [{ kind: 'unknown' }], [all('a', 'b')])).toEqual(['ops/a@1', 'ops/a@1 ops/b@1'])
  })
})
