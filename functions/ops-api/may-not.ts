import { quoted, type Refusal } from '../../shared/refusal.ts'
import type { Token } from '../../shared/tokens.ts'

/** What a token is told that may read no events at all; rights such as `admin` are none to read what happens. */
export function mayNot({ name, read }: Token): Refusal | undefined {
  if (read.length > 0) return undefined
  return { status: 403, message: `Token ${quoted(name)} may read no events: it needs a subject in "read"` }
}
