import { inject, test } from 'vitest'
import type { Need } from './needs.ts'

/** Tests that need more than Node; left out with a word why on a machine that cannot have it, but never in CI. */
export function needing(what: Need[], tests: () => void): void {
  const lacking = inject('lacking')
  const missing = what.find(need => lacking[need] !== undefined)
  if (missing === undefined) return tests()
  leaveOut(`what needs ${missing}`, lacking[missing] ?? '')
}

/** Says what is not tested on this machine, and why: now, and in the place of the tests. */
export function leaveOut(tests: string, why: string): void {
  console.error(`Tests of ${tests} are left out: ${why}`)
  test.skip(`${tests}, left out: ${why}`)
}
