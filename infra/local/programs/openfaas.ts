import { join } from 'node:path'
import { provideSource } from './gomodule.ts'
import type { Say } from './table.ts'

/** Where of-watchdog is: from the cache, or built. @throws Error telling why it cannot */
export async function provideWatchdog(say: Say = line => console.error(line)): Promise<string> {
  return join(await provideSource('of-watchdog', say), 'of-watchdog')
}
