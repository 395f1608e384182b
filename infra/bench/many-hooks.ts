import type { Bench } from './bench.ts'
import { matching } from './matching.ts'

/** What deciding costs with ever more hooks; it takes its own rounds. */
export const manyHooks: Bench = async () => ({ rows: await matching(), notes: [] })
