import type { Log } from '../../../shared/log.ts'
import type { Asking } from '../database.ts'

/** What asking for events needs. */
export type World = { ask: Asking; now(): number; log: Log }
