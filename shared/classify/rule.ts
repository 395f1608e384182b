import type { OpsEvent } from '../event.ts'
import { isObject } from '../json.ts'
import type { Pattern } from '../pattern.ts'
import { aboutOf } from '../readable.ts'
import type { Severity } from '../severity.ts'

/** A rule of a user: what has to be true of an event, and what it then is. `name` says where it stands. */
export type Rule = {
  name: string
  wanted: [condition: Condition, texts: ReadonlySet<string>][]
  message: Pattern | undefined
  category: string | undefined
  severity: Severity | undefined
}

/**
 * Of CloudEvents `source` is the attribute and `type` that of the data or the attribute; the others are of the data, and
 * where it names no namespace that of the subject is meant.
 */
export const conditions = ['kind', 'reason', 'type', 'namespace', 'from', 'source'] as const
type Condition = (typeof conditions)[number]

/** Longer messages are looked at so far. */
const longest = 4096

/** Is all that a rule asks for true of an event? */
export function fits({ wanted, message }: Rule, event: OpsEvent): boolean {
  const data = isObject(event.data) ? event.data : {}
  for (const [name, texts] of wanted) {
    if (name === 'source') {
      if (!texts.has(event.source)) return false
    } else if (name === 'type') {
      if (!texts.has(event.type) && !(typeof data.type === 'string' && texts.has(data.type))) return false
    } else {
      const value = data[name] ?? (name === 'namespace' ? aboutOf(event.subject ?? '').namespace : undefined)
      if (typeof value !== 'string' || !texts.has(value)) return false
    }
  }
  if (!message) return true
  if (typeof data.message !== 'string') return false
  const text = data.message.length > longest ? data.message.slice(0, longest) : data.message
  return (message.literals?.some(word => text.includes(word)) ?? true) && message.test(text)
}
