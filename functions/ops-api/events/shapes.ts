import { z } from 'zod'
import { durationOf } from '../../../shared/duration.ts'
import { severities } from '../../../shared/severity.ts'
import { severalOf, whole } from '../read.ts'
import { EventFilter } from './filter.ts'

/** How many events one answer has at most, by its form: what is streamed needs no room here. */
export const mostEvents = { json: 1_000, ndjson: 1_000_000, csv: 1_000_000 } as const

const formats = ['json', 'ndjson', 'csv'] as const

export const Query = z.strictObject({
  ...EventFilter,
  limit: whole(1, mostEvents.ndjson)
    .default(100)
    .describe(
      `So many at most; up to ${mostEvents.json} as JSON, and ${mostEvents.ndjson} as NDJSON and CSV`,
    ),
  order: z
    .enum(['desc', 'asc'], 'it has to be desc or asc')
    .default('desc')
    .describe('desc is the newest first'),
  cursor: z
    .string()
    .max(4_096)
    .optional()
    .describe('Goes on where an answer ended, with its "cursor" and otherwise the same parameters'),
  format: z
    .enum(formats, `it has to be ${formats.join(', ')}`)
    .optional()
    .describe('The form of the answer, before what the header Accept says'),
})

const text = z.string()

/** An event as it is answered: what it can be asked for by, and the CloudEvent itself. What it does not have is empty. */
export const Item = z.object({
  time: text.describe('When it happened, RFC 3339'),
  severity: z.enum(severities),
  ...{ category: text, cluster: text, namespace: text, kind: text, name: text, node: text },
  type: text.describe("The data's type, else the CloudEvent's"),
  reason: text,
  observation: text.describe('The last token of the subject, such as events'),
  occurrences: z.int().describe('How often it has happened since it was told before'),
  correlation: text.describe('Its correlation id'),
  message: text,
  subject: text,
  event: z.looseObject({ id: text, source: text, type: text }).describe('The CloudEvent'),
})

const range = { start_time: text, end_time: text }

export const Found = z.object({ list: z.array(Item), ...range, cursor: text.optional() })

/** What events can be grouped by. */
export const dimensions = [
  ...(['cluster', 'namespace', 'kind', 'name', 'type', 'reason', 'category', 'severity'] as const),
  ...(['node', 'correlation', 'observation', 'subject'] as const),
] as const
export type Dimension = (typeof dimensions)[number]

const mostDimensions = 4
const second = 1_000
const longest = 366 * 86_400 * second
const bucketProblem = 'it has to be a duration of whole seconds, such as 30s, 5m, 1h or 1d'

export const Aggregate = z.strictObject({
  ...EventFilter,
  by: severalOf(z.enum(dimensions, `it has to be one of ${dimensions.join(', ')}`))
    .refine(by => by.length <= mostDimensions, `it has more than ${mostDimensions} names`)
    .optional()
    .describe('What to group by, several by commas; all are one group without it'),
  bucket: z
    .string()
    .transform((text, context) => {
      const length = durationOf(text)
      if (length && length % second === 0 && length <= longest) return length
      context.addIssue(bucketProblem)
      return z.NEVER
    })
    .optional()
    .describe('Counts by spans of this length too, such as 5m: aligned to 1970, the end not included'),
  top: whole(1, 1_000)
    .optional()
    .describe('So many groups, those with the most occurrences: 100 unless given, and 10 with bucket'),
})

const { start_time: _start, end_time: _end, ...withoutTimes } = EventFilter

export const Tail = z.strictObject(withoutTimes)

const sums = { events: z.int(), occurrences: z.int() }
const told = {
  ...sums,
  first: text.optional().describe('When the first of them happened'),
  last: text.optional(),
  rate: z.number().describe('Occurrences per minute, over the whole range'),
}

export const Groups = z.object({
  ...range,
  from: z.enum(['counts', 'events']).describe('What was read: the roll-up of 5 minutes, or each event'),
  list: z.array(
    z.object({
      key: z.partialRecord(z.enum(dimensions), text),
      ...told,
      buckets: z
        .array(z.object({ time: text, ...sums }))
        .optional()
        .describe('The spans in which something happened'),
    }),
  ),
  total: z.object({ groups: z.int(), ...told }),
  truncated: z.boolean().describe('There are more groups: "other" sums up those that are not listed'),
  other: z.object({ groups: z.int(), ...sums }).optional(),
})
