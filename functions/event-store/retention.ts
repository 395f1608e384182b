import { z } from 'zod'
import { durationOf } from '../../shared/duration.ts'
import { severities, severityOfNumber } from '../../shared/severity.ts'
import type { StoredEvent } from '../../shared/stored.ts'

/** For how long events are kept: the first rule that fits says it. */
export type Retention = {
  keepOf(row: Omit<StoredEvent, 'keep'>): number
  /** The days that occur, ascending. */
  classes: number[]
}

const day = 24 * 3600_000
const mostDays = 3650

const Days = z
  .string()
  .refine(text => isDays(durationOf(text)), `it has to be whole days from 1d to ${mostDays}d, such as 14d`)
  .transform(text => (durationOf(text) ?? day) / day)

const isDays = (ms = 0) => ms % day === 0 && ms >= day && ms <= mostDays * day

const some = (value: z.ZodType<string> = z.string().min(1)) =>
  z.preprocess(given => (Array.isArray(given) ? given : [given]), z.array(value).min(1)).optional()

/** Each field has one value or several; a rule without any holds for all. */
const Rule = z.strictObject({
  observation: some(),
  severity: some(z.enum(severities)),
  category: some(),
  type: some(),
  event_type: some(),
  cluster: some(),
  namespace: some(),
  kind: some(),
  reason: some(),
  keep: Days,
})
type Rule = z.infer<typeof Rule>

const byDefault: Rule[] = [{ severity: ['critical'], keep: 90 }, { keep: 14 }]

/** What the rules say, and for what none of them fits: 90 days for what is critical, 14 for all others. */
export function retentionOf(rules: Rule[] = []): Retention {
  const all = [...rules, ...byDefault]
  return {
    keepOf: row => all.find(rule => fits(rule, row))?.keep ?? 14,
    classes: [...new Set(all.map(({ keep }) => keep))].sort((one, other) => one - other),
  }
}

const columns = [
  ...(['observation', 'category', 'type', 'event_type'] as const),
  ...(['cluster', 'namespace', 'kind', 'reason'] as const),
]

function fits(rule: Rule, row: Omit<StoredEvent, 'keep'>): boolean {
  if (rule.severity && !rule.severity.includes(severityOfNumber(row.severity))) return false
  return columns.every(column => rule[column]?.includes(row[column]) ?? true)
}

/**
 * The rules in a file's text, a YAML list such as `- {observation: metrics, keep: 3d}`.
 * @throws Error with the file and the line of what is wrong
 */
export async function readRetention(text: string, file: string): Promise<Rule[]> {
  const [{ LineCounter, parseDocument }, { linesOf }] = await Promise.all([
    import('yaml'),
    import('../../shared/yaml-lines.ts'),
  ])
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const [error] = document.errors
  if (error)
    throw new Error(`Cannot use the retention: ${file}:${lines.linePos(error.pos[0]).line}: ${error.message}`)
  const read = z.array(Rule).safeParse(document.toJS() ?? [])
  if (read.success) return read.data
  const { path = [], message } = read.error.issues[0] ?? { message: '' }
  const line = linesOf(document, lines)(path)
  throw new Error(
    `Cannot use the retention: ${file}:${line}: ${path.length > 1 ? `${path.slice(1).join('.')}: ` : ''}${message}`,
  )
}
