import { type Document, LineCounter, parseDocument, visit } from 'yaml'
import { z } from 'zod'
import { isCategory } from '../classify.ts'
import { nearest } from '../nearest.ts'
import { compilePattern, type Pattern, PatternError } from '../pattern.ts'
import { severities } from '../severity.ts'
import { type LineOf, linesOf } from '../yaml-lines.ts'
import { conditions, type Rule } from './rule.ts'

const fields = [...conditions, 'message', 'category', 'severity']

/** Each rule is asked of each event, until one fits. */
const most = 200

const Text = z.string('it has to be a text, or a list of texts').min(1, 'it is empty')
const Texts = z
  .preprocess(
    value => (typeof value === 'string' ? [value] : value),
    z.array(Text, 'it has to be a text, or a list of texts').min(1, 'it is empty'),
  )
  .transform(texts => new Set(texts))
  .optional()

const Expression = z
  .string('it has to be a regular expression (RE2), as a text')
  .min(1, 'it is empty')
  .transform((source, context): Pattern => {
    try {
      return compilePattern(source)
    } catch (error) {
      if (!(error instanceof PatternError)) throw error
      context.addIssue({ code: 'custom', message: error.message })
      return z.NEVER
    }
  })

const Row = z
  .strictObject(
    {
      ...{ kind: Texts, reason: Texts, type: Texts, namespace: Texts, from: Texts, source: Texts },
      message: Expression.optional(),
      category: z
        .string('it has to be a text')
        .refine(isCategory, 'it has to be of lower-case letters, digits and "-", such as "billing"')
        .optional(),
      severity: z.enum(severities, `it has to be ${severities.join(', ')}`).optional(),
    },
    'it has to be a rule such as {reason: BackOff, severity: error}',
  )
  .refine(
    row => row.category !== undefined || row.severity !== undefined,
    'it says nothing: give it a category or a severity',
  )
  .refine(
    row => row.message !== undefined || conditions.some(name => row[name] !== undefined),
    `it would fit every event: give it one of ${[...conditions, 'message'].join(', ')}`,
  )
const Rows = z
  .array(Row, 'it has to be a list of rules such as "- {reason: BackOff, severity: error}"')
  .max(most, `at most ${most} rules are allowed`)

/** The rules of a file's text, a YAML list. @throws Error naming the line of everything that is wrong, and why */
export function parseRules(text: string): Rule[] {
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false })
  const lineAt = (offset: number) => counter.linePos(offset).line
  const [first] = document.errors
  if (first) throw new Error(`line ${lineAt(first.pos[0])}: ${first.message}`)

  const lineOf = linesOf(document, counter)
  const read = Rows.safeParse(plainOf(document, lineAt) ?? [])
  if (!read.success) throw new Error(read.error.issues.flatMap(issue => problems(issue, lineOf)).join('; '))
  return read.data.map(({ message, category, severity, ...wanted }, index) => ({
    name: `rule in line ${lineOf([index])}`,
    wanted: conditions.flatMap((name): Rule['wanted'] => (wanted[name] ? [[name, wanted[name]]] : [])),
    ...{ message, category, severity },
  }))
}

function problems(issue: z.core.$ZodIssue, lineOf: LineOf): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(key => {
      const meant = nearest(key, fields)
      const right = meant ? `did you mean "${meant}"?` : `it may have ${fields.join(', ')}`
      return `line ${lineOf(issue.path, key)}: there is no field "${key}", ${right}`
    })
  }
  const [, field] = issue.path
  return [`line ${lineOf(issue.path)}: ${field === undefined ? '' : `${String(field)}: `}${issue.message}`]
}

function plainOf(document: Document, lineAt: (offset: number) => number): unknown {
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document)) return
      throw new Error(`line ${lineAt(alias.range?.[0] ?? 0)}: there is no anchor "&${alias.source}" above it`)
    },
  })
  return document.toJS()
}
