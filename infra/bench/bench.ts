import type { Effort } from './rounds.ts'
import type { Row } from './row.ts'

/** One bench: its rows, and what else is worth reading, one a line. */
export type Bench = (effort: Effort) => Promise<{ rows: Row[]; notes: string[] }>
