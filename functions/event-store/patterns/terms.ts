import { z } from 'zod'
import { integer } from '../../../shared/config.ts'
import { duration, durationOf } from '../../../shared/duration.ts'
import { type Terms, usualTerms } from '../../../shared/patterns/judge.ts'

const minute = 60_000

const number = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+(\.\d+)?$/, `it has to be a number from ${least} to ${most}`)
    .transform(Number)
    .refine(value => value >= least && value <= most, `it has to be a number from ${least} to ${most}`)

/** The variables that say what is told as a pattern. */
export const patternVariables = {
  PATTERN_WINDOW: duration(10 * minute, 24 * 60 * minute).default('1h'),
  PATTERN_COUNT: integer(2, 1_000_000).default(usualTerms.minCount),
  PATTERN_RATE: number(0, 1_000_000).default(usualTerms.minRate),
  PATTERN_RATIO: number(1, 1_000_000).default(usualTerms.minRatio),
}

/** `window` in milliseconds: what is looked back on, and for how long the same is not told again. */
export type TellingTerms = Terms & { window: number }

const shape = z.object(patternVariables)

/** The terms that the variables say. */
export const patternTerms = (config: z.output<typeof shape>): TellingTerms => ({
  window: durationOf(config.PATTERN_WINDOW) ?? 60 * minute,
  minCount: config.PATTERN_COUNT,
  minRate: config.PATTERN_RATE,
  minRatio: config.PATTERN_RATIO,
})
