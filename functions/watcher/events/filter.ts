import { z } from 'zod'
import { messageOf } from '../../../shared/log.ts'
import { compilePattern, type Pattern } from '../../../shared/pattern.ts'
import { Enrich } from '../context/enrich.ts'
import { countOf, type KubeEvent } from './occurrence.ts'

const Expression = z.string().transform((source, context): Pattern => {
  try {
    return compilePattern(source)
  } catch (error) {
    context.addIssue({ code: 'custom', message: messageOf(error) })
    return z.NEVER
  }
})

const pattern = Expression.optional()

/**
 * A rule of event-exporter's routes: all fields that are given have to match, as unanchored regular expressions in RE2
 * syntax. `namespace` is the event's own, the other three names are those of the object that it is about. `name` is
 * what the rule is counted under.
 */
export const Rule = z.strictObject({
  name: z.string().max(100).optional(),
  minCount: z.int().min(1).optional(),
  namespace: pattern,
  kind: pattern,
  apiVersion: pattern,
  object: pattern,
  reason: pattern,
  type: pattern,
  message: pattern,
  component: pattern,
  host: pattern,
})
export type Rule = z.infer<typeof Rule>

const names = z.array(z.string()).default([])
const Names = z.strictObject({ include: names, exclude: names }).prefault({})

/**
 * What of a cluster's events is taken at all. Lists are of whole words; the selectors, as `kubectl --field-selector`
 * has them, are handed to the API server, which then does not send the others. `qps` and `burst` bound our requests to
 * it, `watchSeconds` is how long a watch lives at least: at most twice as long, and less than etcd's memory of 5 min.
 * `enrich` says what goes with events of what is around their objects.
 */
export const Watched = z.strictObject({
  namespaces: Names,
  reasons: Names,
  kinds: Names,
  names: Names,
  types: z.array(z.enum(['Normal', 'Warning'])).default([]),
  match: z.array(Rule).default([]),
  drop: z.array(Rule).default([]),
  fieldSelector: z.string().optional(),
  labelSelector: z.string().optional(),
  qps: z.number().positive().default(20),
  burst: z.number().min(1).default(40),
  watchSeconds: z.int().min(1).max(1800).default(120),
  enrich: Enrich,
})
export type Watched = z.infer<typeof Watched>

/** By which rule an event is not taken, or undefined when it is. The words are few: they become a metric's label. */
export function droppedBy(watched: Watched, event: KubeEvent): string | undefined {
  const { regarding, metadata } = event
  const lists = {
    namespaces: metadata.namespace,
    reasons: event.reason,
    kinds: regarding?.kind,
    names: regarding?.name,
  }
  for (const name of ['namespaces', 'reasons', 'kinds', 'names'] as const) {
    const { include, exclude } = watched[name]
    const value = lists[name] ?? ''
    if (exclude.includes(value)) return `${name}.exclude`
    if (include.length > 0 && !include.includes(value)) return `${name}.include`
  }
  if (watched.types.length > 0 && !watched.types.some(type => type === event.type)) return 'types'
  const dropping = watched.drop.findIndex(rule => matches(rule, event))
  if (dropping >= 0) return watched.drop[dropping]?.name ?? `drop[${dropping}]`
  if (watched.match.length > 0 && !watched.match.some(rule => matches(rule, event))) return 'match'
  return undefined
}

function matches(rule: Rule, event: KubeEvent): boolean {
  const { regarding, metadata, deprecatedSource } = event
  const asked: [pattern: Pattern | undefined, value: string | null | undefined][] = [
    [rule.namespace, metadata.namespace],
    [rule.kind, regarding?.kind],
    [rule.apiVersion, regarding?.apiVersion],
    [rule.object, regarding?.name],
    [rule.reason, event.reason],
    [rule.type, event.type],
    [rule.message, event.note],
    [rule.component, event.reportingController || deprecatedSource?.component],
    [rule.host, deprecatedSource?.host],
  ]
  if (rule.minCount !== undefined && countOf(event) < rule.minCount) return false
  return asked.every(([pattern, value]) => !pattern || pattern.test(value ?? ''))
}
