import { test } from 'vitest'
import { type KnativePart, whyNoKnative } from '../../infra/local/programs/knative.ts'

/** Tests that need a part of Knative; left out with a word where it can be neither found nor built, but never in CI. */
export function withKnative(part: KnativePart, tests: () => void): void {
  const why = process.env.CI === 'true' ? undefined : whyNoKnative(part)
  if (!why) return tests()
  console.error(`Tests with Knative ${part} are left out: ${why}`)
  test.skip(`Knative ${part}, left out: ${why}`)
}
