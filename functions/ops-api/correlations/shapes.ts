import { z } from 'zod'
import { severities } from '../../../shared/severity.ts'
import { EventFilter } from '../events/filter.ts'
import { whole } from '../read.ts'

export const One = z.strictObject({
  limit: whole(1, 2_000).default(500).describe('So many events at most, the first ones; all are counted'),
})

export const Several = z.strictObject({
  ...EventFilter,
  limit: whole(1, 100).default(20).describe('So many stories at most, those that something happened in last'),
})

const text = z.string()
const severity = z.enum(severities)
const Root = z.object({ cluster: text, kind: text, namespace: text.optional(), name: text })
const counts = { events: z.int(), occurrences: z.int() }
const span = { from: text, to: text }
const root = Root.optional().describe('What it is about in the end; it may have no events of its own')

const Part = z.object({ id: text, root, ...counts, ...span, severity })

export const roles = ['cause', 'both', 'effect', 'beside'] as const

const Told = z.object({
  ...{ id: text, time: text, severity, category: text },
  ...{ cluster: text, namespace: text, kind: text, name: text, node: text, reason: text, message: text },
  ...{ subject: text, occurrences: z.int(), correlation: text },
  role: z
    .enum(roles)
    .describe('Others follow from it, it follows from others, both, or it only happened to the same root'),
})

const why = { rule: text, because: text.describe('What the rule says') }

/** A story, as it is answered. */
export const Story = z.object({
  id: text.describe('The correlation that it begins with'),
  ...{ root, ...span, severity, ...counts },
  severities: z.partialRecord(severity, z.int()).describe('Events of each severity'),
  categories: z.partialRecord(text, z.int()).describe('Events of each category'),
  correlations: z.array(Part).describe('What hangs together in it, in the order of time'),
  list: z.array(Told).describe('Its events in the order of time, causes first'),
  edges: z
    .array(z.object({ ...why, cause: text, effect: text }))
    .describe('Which of these events follows from which, by which rule'),
  links: z
    .array(z.object({ ...why, child: text, parent: text, cause: text, effect: text }))
    .describe('Why the correlations hang together, with the two events that show it'),
  others: z.array(text).describe('Further correlations that this one follows from, whose stories are others'),
  truncated: z.boolean().describe('There is more than is shown'),
})
export type Story = z.infer<typeof Story>

/** The newest stories, as they are answered. */
export const Stories = z.object({
  list: z.array(
    z.object({
      id: text,
      ...{ root, ...span, severity, ...counts },
      categories: z.array(text),
      correlations: z.int().describe('How many hang together in it, of those in the range'),
    }),
  ),
  ...{ start_time: text, end_time: text },
  truncated: z.boolean().describe('There are more, or earlier events in the range were not looked at'),
})
