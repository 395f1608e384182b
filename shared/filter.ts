import { z } from 'zod'
import type { OpsEvent } from './event.ts'
import { textNamed } from './named.ts'

/** Attribute names (or `data.x`, a field of the data) and the text that each has to be, begin or end with. */
const Texts = z.record(z.string().min(1), z.string())

/**
 * One expression of the CloudEvents Subscriptions API's filter dialects (version 1.0, section 3.2.4): exactly one of
 * the fields stands in it. Several names in `exact`, `prefix` or `suffix`: each has to hold.
 */
export type Filter =
  | { exact: Record<string, string> }
  | { prefix: Record<string, string> }
  | { suffix: Record<string, string> }
  | { all: Filter[] }
  | { any: Filter[] }
  | { not: Filter }

export const Filter: z.ZodType<Filter> = z.lazy(() =>
  z.union([
    z.strictObject({ exact: Texts }),
    z.strictObject({ prefix: Texts }),
    z.strictObject({ suffix: Texts }),
    z.strictObject({ all: z.array(Filter).min(1) }),
    z.strictObject({ any: z.array(Filter).min(1) }),
    z.strictObject({ not: Filter }),
  ]),
)

/** Does each of the filters hold for an event? What is not there is neither a text nor the beginning or end of one. */
export const passes = (filters: readonly Filter[], event: OpsEvent): boolean =>
  filters.every(filter => holds(filter, event))

function holds(filter: Filter, event: OpsEvent): boolean {
  if ('exact' in filter) return each(filter.exact, event, (text, wanted) => text === wanted)
  if ('prefix' in filter) return each(filter.prefix, event, (text, wanted) => text.startsWith(wanted))
  if ('suffix' in filter) return each(filter.suffix, event, (text, wanted) => text.endsWith(wanted))
  if ('all' in filter) return filter.all.every(one => holds(one, event))
  if ('any' in filter) return filter.any.some(one => holds(one, event))
  return !holds(filter.not, event)
}

const each = (
  texts: Record<string, string>,
  event: OpsEvent,
  is: (text: string, wanted: string) => boolean,
): boolean =>
  Object.entries(texts).every(([name, wanted]) => {
    const text = meant(event, name)
    return text !== undefined && is(text, wanted)
  })

// A dialect of CloudEvents: unlike in keys, a bare name is an attribute or nothing.
const meant = (event: OpsEvent, name: string): string | undefined =>
  name.startsWith('data.') || (name !== 'data' && Object.hasOwn(event, name) && event[name] !== null)
    ? textNamed(event, name)
    : undefined

/** Is there any filter that asks for this attribute or field? */
export const asksFor = (filters: readonly Filter[], name: string): boolean =>
  filters.some(filter => {
    if ('all' in filter) return asksFor(filter.all, name)
    if ('any' in filter) return asksFor(filter.any, name)
    if ('not' in filter) return asksFor([filter.not], name)
    return Object.values(filter).some(texts => Object.hasOwn(texts, name))
  })
