import { z } from 'zod'
import { severities } from '../../../shared/severity.ts'
import { patternProblem } from '../../../shared/subject.ts'
import { Moment, severalOf } from '../read.ts'
import { textAsked } from './text.ts'

/** What PostgreSQL takes into a text, and nobody has in a name. */
const Text = z
  .string()
  .max(512, 'it has more than 512 characters')
  .regex(/^\P{Cc}*$/u, 'it has a control character')

/** Years of four digits: what RFC 3339 can say, and every database. */
const lastMoment = Date.UTC(9999, 11, 31)
const Time = Moment.refine(time => time >= 0 && time <= lastMoment, 'it has to be from 1970 to 9999')

const Pattern = z
  .string()
  .toLowerCase()
  .superRefine((text, context) => {
    const problem = patternProblem(text)
    if (problem) context.addIssue(`${JSON.stringify(text.slice(0, 120))} is no subject pattern: ${problem}`)
  })

const Severity = z.enum(severities, `it has to be ${severities.join(', ')}`)

const one = severalOf(Text)
const named = (says: string) => one.optional().describe(`${says}; several by commas, of which one is enough`)

/** Parameters by which events are chosen, wherever they are asked for: all that are given have to be true of an event. */
export const EventFilter = {
  start_time: Time.optional().describe(
    'Not before: Unix milliseconds or RFC 3339; an hour before end_time unless given',
  ),
  end_time: Time.optional().describe('Before, this time itself not included; now unless given'),
  subject: Pattern.optional().describe('NATS pattern: "*" is one token, ">" one or more at the end'),
  cluster: named('Name of the cluster'),
  namespace: named('Namespace of the object'),
  kind: named('Kind of the object, such as Pod or pod'),
  name: named('Name of the object'),
  type: named("The data's type, such as Warning, or the CloudEvent's, such as Kube"),
  reason: named('Reason, such as BackOff'),
  category: named('Category, such as scheduling'),
  severity: severalOf(Severity)
    .optional()
    .describe(`${severities.join(', ')}: these and no others; several by commas`),
  correlation: named('Correlation id'),
  q: Text.refine(text => textAsked(text) !== undefined, 'it has no word to look for')
    .optional()
    .describe('Words of the message or their beginnings, which all have to occur; "a phrase" in quotes'),
}

const Shape = z.object(EventFilter)
export type EventFilter = z.output<typeof Shape>

/** Those of which a column has the very value. */
export const exact = ['cluster', 'namespace', 'name', 'reason', 'category', 'correlation'] as const

/** From when to when, in Unix milliseconds, the end not included. */
export type Range = { start: number; end: number }

const hour = 3_600_000

/** The range that is asked for, or what is wrong with it. */
export function rangeOf(
  { start_time, end_time }: Pick<EventFilter, 'start_time' | 'end_time'>,
  now: number,
): Range | { status: number; message: string } {
  const end = end_time ?? now
  const start = start_time ?? Math.max(0, end - hour)
  if (start < end) return { start, end }
  const until = end_time === undefined ? 'now, which end_time is unless given' : `end_time ${isoOf(end)}`
  return {
    status: 400,
    message: `Cannot read the parameters: the range is backwards, start_time ${isoOf(start)} is not before ${until}`,
  }
}

const isoOf = (time: number) => new Date(time).toISOString()
