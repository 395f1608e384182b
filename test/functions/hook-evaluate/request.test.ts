import { describe, expect, it } from 'vitest'
import { nameOf, reasonOf, requestOf } from '../../../functions/hook-evaluate/request.ts'
import type { OpsEvent } from '../../../shared/event.ts'
import type { CompiledHook } from '../../../shared/hookset.ts'
import { backOff, hook } from './world.ts'

const keyed = (key: string[], more: Partial<CompiledHook> = {}) =>
  hook({ name: 'a', dedup: { window: 60_000, key }, ...more })
const keyOf = (by: CompiledHook, event: OpsEvent) => requestOf(by, event, 'e')?.dedup?.key

describe('requestOf()', () => {
  it('asks nothing for a hook that has nothing to count', () => {
    expect(requestOf(hook({ name: 'a', filters: [], resolve: true }), backOff(), 'e')).toBeUndefined()
  })

  it('has one key for what is the same in all that the hook names, whatever else is not', () => {
    const by = keyed(['subject', 'reason', 'data.labels.app'])
    const event = (message: string) =>
      backOff({ id: message, data: { reason: 'R', message, labels: { app: 'x' } } })
    expect(keyOf(by, event('one'))).toBe(keyOf(by, event('two')))
  })

  it.each<[string, OpsEvent, OpsEvent]>([
    ['another value', backOff({ data: { reason: 'a' } }), backOff({ data: { reason: 'b' } })],
    ['nothing in place of an empty text', backOff({ data: {} }), backOff({ data: { reason: '' } })],
    [
      'a value that looks like two',
      backOff({ data: { reason: 'a","b' } }),
      backOff({ data: { reason: 'a', name: 'b' } }),
    ],
    ['the values in another place', backOff({ data: { reason: 'a' } }), backOff({ data: { name: 'a' } })],
    [
      'a text in place of a list',
      backOff({ data: { reason: ['a', 1] } }),
      backOff({ data: { reason: ['a', '1'] } }),
    ],
  ])('has another key for %s', (_, one, other) => {
    const by = keyed(['data.reason', 'data.name'])
    expect(keyOf(by, one)).not.toBe(keyOf(by, other))
  })

  it('has keys of its own for each hook', () => {
    expect(keyOf(keyed(['subject']), backOff())).not.toBe(
      keyOf(keyed(['subject'], { id: 'a/other' }), backOff()),
    )
  })

  it('counts apart by group, and anew where the window is another', () => {
    const group = (window: number, namespace: string) =>
      requestOf(
        hook({ name: 'a', threshold: { count: 3, window, groupBy: ['namespace'] } }),
        backOff({ data: { namespace } }),
        'e',
      )?.threshold?.group
    expect(new Set([group(1, 'a'), group(1, 'a'), group(1, 'b'), group(2, 'a')]).size).toBe(3)
  })

  it('keeps an event that is not too large', () => {
    const text = (length: number) =>
      requestOf(keyed(['id']), backOff({ data: 'x'.repeat(length) }), 'e')?.dedup?.text
    expect(JSON.parse(text(10) ?? '')).toEqual(backOff({ data: 'x'.repeat(10) }))
    expect(text(20_000)).toBe('')
  })

  it('says in a word why, and to what', () => {
    expect([reasonOf(backOff()), nameOf(backOff())]).toEqual(['BackOff', 'pod1'])
    const bare = backOff({ type: 'Default', data: 'text' })
    expect([reasonOf(bare), nameOf(bare)]).toEqual(['Default', 'pod1'])
    const odd = backOff({ data: { reason: `${'r'.repeat(127)}\u{1f4a5}`, name: 'web-1' } })
    expect([reasonOf(odd), nameOf(odd)]).toEqual([`${'r'.repeat(127)}\ufffd`, 'web-1'])
  })
})
