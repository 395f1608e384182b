import { setTimeout as pause } from 'node:timers/promises'
import type { Findings } from './check.ts'

/** Waits for what is missing; the last word is spoken when nothing is, or when nothing has come for 45 s. */
export async function whenQuiet(look: () => Findings): Promise<Findings> {
  let findings = look()
  let quietSince = performance.now()
  while (findings.missing.length > 0 && performance.now() - quietSince < 45_000) {
    await pause(500)
    const next = look()
    if (next.received !== findings.received) quietSince = performance.now()
    findings = next
  }
  // What is doubled comes after what was missing.
  await pause(1_500)
  return look()
}
