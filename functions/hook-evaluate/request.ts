import type { OpsEvent } from '../../shared/event.ts'
import type { CompiledHook } from '../../shared/hookset.ts'
import { idOf } from '../../shared/id.ts'
import { textNamed } from '../../shared/named.ts'
import { occurrencesOf } from '../../shared/occurrences.ts'
import type { Request } from './windows/windows.ts'

// What is larger is not kept as the last one held: its window is told with the first one, which travels with it.
const longestKept = 16_384
const longestLabel = 128

/** What a hook asks of its windows about an event, or undefined when it has none. `key` names the event. */
export function requestOf(hook: CompiledHook, event: OpsEvent, key: string): Request | undefined {
  const { id, threshold, dedup, stormLimit: limit } = hook
  if (!threshold && !dedup && limit === undefined) return undefined
  const request: Request = { event: key, hook: id }
  if (threshold) {
    const { count, window, groupBy } = threshold
    // Another window has other slots: what was counted in those of the one before is not carried over.
    const group = idOf(id, String(window), ...valuesOf(event, groupBy))
    request.threshold = { group, count, window, weight: Math.min(weightOf(event), count) }
  }
  if (dedup) {
    request.dedup = { key: dedupKeyOf(hook, event), window: dedup.window, text: shortText(event) }
  }
  if (limit !== undefined) request.storm = { limit, reason: reasonOf(event), name: nameOf(event) }
  return request
}

/** As the roll-up counts it; but a deletion, which only a hook gets that asks for it, is what such a hook counts. */
const weightOf = (event: OpsEvent): number =>
  textNamed(event, 'data.operation') === 'DELETED' ? 1 : occurrencesOf(event)

/** The key of the window that an event falls into at a hook with `dedup`; empty for one without. */
export const dedupKeyOf = ({ id, dedup }: CompiledHook, event: OpsEvent): string =>
  dedup ? idOf(id, ...valuesOf(event, dedup.key)) : ''

/** Why it happened, in a word. */
export const reasonOf = (event: OpsEvent): string => label(textNamed(event, 'data.reason') || event.type)

/** What it happened to. */
export const nameOf = (event: OpsEvent): string =>
  label(
    textNamed(event, 'data.name') ||
      textNamed(event, 'data.host') ||
      (event.subject?.split('.').at(-2) ?? ''),
  )

// What is not there is another value than an empty text.
const valuesOf = (event: OpsEvent, names: string[]): string[] =>
  names.map(name => {
    const text = textNamed(event, name)
    return text === undefined ? '' : `=${text}`
  })

function shortText(event: OpsEvent): string {
  const text = JSON.stringify(event)
  return text.length > longestKept ? '' : text
}

const label = (text: string) => text.slice(0, longestLabel).toWellFormed()
