import { z } from 'zod'
import { usualTerms, verdicts } from '../../../shared/patterns/judge.ts'
import { severities } from '../../../shared/severity.ts'
import { EventFilter } from '../events/filter.ts'
import { whole } from '../read.ts'

const number = (least: number, most: number) => {
  const problem = `it has to be a number from ${least} to ${most}`
  return z
    .string()
    .regex(/^\d{1,9}(\.\d{1,9})?$/, problem)
    .transform(Number)
    .refine(value => value >= least && value <= most, problem)
}

/** What is asked of patterns: those of the events that the filter chooses. */
export const Query = z.strictObject({
  ...EventFilter,
  min_count: whole(2, 1_000_000).default(usualTerms.minCount).describe('So many occurrences at least'),
  min_rate: number(0, 1_000_000)
    .default(usualTerms.minRate)
    .describe('More than so many a minute, from the first to the last or in any five minutes'),
  min_ratio: number(1, 1_000_000)
    .default(usualTerms.minRatio)
    .describe('So many times the usual is a change'),
  order: z
    .enum(['strongest', 'newest'], 'it has to be strongest or newest')
    .default('strongest')
    .describe('By occurrences per minute, or by when it was last seen'),
  limit: whole(1, 100).default(20).describe('So many at most'),
})

const text = z.string()

/** A pattern as it is answered. */
const Pattern = z.object({
  key: text.describe('Its token in ops.clusters.{cluster}.patterns.{key}.alerts'),
  ...{ cluster: text, reason: text, kind: text, namespace: text },
  verdict: z
    .enum(verdicts)
    .describe(
      'new: not seen in the days before; change: far above the usual; burst: all within a minute; else recurring',
    ),
  count: z.int().describe('Occurrences'),
  frequency: z
    .number()
    .describe('Occurrences per minute from the first to the last, of which a minute is the least'),
  first_seen: text,
  last_seen: text,
  usual: z.number().optional().describe('Median of the same time of the days before, in UTC'),
  ratio: z.number().optional().describe('Count by the usual, 1 being the least of that'),
  history: z.int().describe('How many days that is known of: fewer than 3 say nothing'),
  severity: z.enum(severities).describe('The worst of the last events'),
  category: text,
  templates: z
    .array(z.object({ template: text, count: z.int(), variants: z.int() }))
    .describe('What the messages of the last 200 events say, with <*> for what varies'),
  samples: z
    .array(z.object({ id: text, source: text, time: text, name: text, message: text }))
    .describe('The last three events'),
})

export const Patterns = z.object({
  ...{ start_time: text, end_time: text },
  list: z.array(Pattern),
  total: z.int().describe('How many patterns there are'),
  truncated: z
    .boolean()
    .describe('There are more than are listed, or more kinds of events than were looked at'),
})
