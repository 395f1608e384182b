import type { Given } from './command.ts'
import { momentOf } from './times.ts'

/** The options by which dead letters are chosen. */
export const selectors = {
  hook: { type: 'string', hint: 'ns/name', says: 'those of this hook' },
  trigger: { type: 'string', hint: 'name', says: 'those of this trigger, such as webhook-deliver' },
  reason: { type: 'string', hint: 'text', says: 'those whose reason has this text, in any case' },
  since: { type: 'string', hint: 'time', says: 'not before: 2h for two hours ago, or 2026-01-31T12:00:00Z' },
  until: { type: 'string', hint: 'time', says: 'not after' },
  id: { type: 'string', multiple: true, hint: 'id', says: 'this one; again for more' },
} as const

/** What was chosen by them, as ops-api has it. @throws Trouble naming the option */
export function chosenBy(given: Given, now: number) {
  const [since, until] = [textOf(given, 'since'), textOf(given, 'until')]
  const id = Array.isArray(given.id) ? given.id.map(String) : undefined
  const plain = Object.fromEntries(
    ['hook', 'trigger', 'reason'].flatMap(name => {
      const value = textOf(given, name)
      return value === undefined ? [] : [[name, value]]
    }),
  )
  return {
    ...plain,
    ...(since && { start_time: String(momentOf(since, 'since', now)) }),
    ...(until && { end_time: String(momentOf(until, 'until', now)) }),
    ...(id && { id }),
  }
}

/** The text of an option. */
export const textOf = (given: Given, name: string): string | undefined => {
  const value = given[name]
  return typeof value === 'string' ? value : undefined
}
