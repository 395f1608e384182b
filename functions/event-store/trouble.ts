import { PublishError } from '../../shared/adapters/publisher.ts'
import { saidByDatabase } from '../../shared/database-error.ts'

/**
 * What a failure means. `event`: of one of the events, which no database would take. `collision`: two batches were in
 * each other's way. `part`: somebody dropped the part that a row belongs to. `away`: of the database or the bus, so that
 * waiting helps, however long. `surprise`: a fault of ours.
 */
export type Trouble = 'event' | 'collision' | 'part' | 'away' | 'surprise'

// PostgreSQL, appendix A: 22 data, 23 constraints, 54 limits of an index or a value; 40 a deadlock or a serialization.
export function troubleOf(error: unknown): Trouble {
  if (error instanceof PublishError) return 'away'
  const { code, message } = saidByDatabase(error)
  if (code === '23514') return 'part'
  if (/^(22|23|54)...$/.test(code)) return 'event'
  if (code === '40001' || code === '40P01') return 'collision'
  const isTold = /^[0-9A-Z]{5}$|^E[A-Z_]+$/.test(code) || silence.test(message)
  return isTold ? 'away' : 'surprise'
}

// What the client says by itself, when nobody answers.
const silence = /timeout|terminated|not queryable|connection (ended|error)|closed/i
