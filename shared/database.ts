import type { ColumnType, Generated, JSONColumnType } from 'kysely'
import type { Sign } from './causes/signs.ts'
import type { StoredEvent } from './stored.ts'

type Written<T> = ColumnType<T, T, never>

/** One row an event, parts of a day and a retention; primary key (time, id, source, keep), so that a repeat is one row. */
export type EventsTable = Omit<
  { [Column in keyof StoredEvent]: Written<StoredEvent[Column]> },
  'data' | 'attributes'
> & {
  data: JSONColumnType<object | null>
  attributes: JSONColumnType<Record<string, unknown>>
  /** Lower-cased words of the message, as `shared/words.ts` finds them. */
  words: Written<string>
  received: Generated<Date>
}

/** The length of a row of `counts`, in milliseconds. */
export const countsBucket = 300_000

/**
 * Occurrences in five minutes, counted with the rows that are new. `scope` is `scopeOf` of the subject (shared/scope.ts):
 * rights go by it, never by what the data says. All columns but the last four are the key; `keep` is the events' own, so
 * that both are hidden and dropped at the same time.
 */
export type CountsTable = {
  bucket: Date
  scope: string
  observation: string
  cluster: string
  namespace: string
  kind: string
  reason: string
  type: string
  category: string
  severity: number
  keep: number
  events: number
  occurrences: number
  /** Of the first and the last event in it. */
  first_time: Date
  last_time: Date
}

/** Every subject that was seen. */
export type SubjectsTable = { subject: string; first_time: Date; last_time: Date; events: number }

/** What follows from what: `child` and `parent` are correlation ids, cause and effect the events that show it. */
export type LinksTable = {
  child: string
  parent: string
  rule: string
  /** When the effect happened. */
  time: Date
  cause_id: string
  cause_time: Date
  effect_id: string
  effect_time: Date
}

/** What events are signs of, by which causes and effects find each other: `Sign` of shared/causes/signs.ts. */
export type SignsTable = Sign

/** What a `template` of an event stands for, with `<*>` for what varies. */
export type TemplatesTable = { template: string; text: string; last_time: Date }

/** Patterns that were told on the bus, under the id of the event that told them. */
export type ToldTable = { id: string; time: Date }

/** The tables, as the migrations in functions/event-store/migrations make them. */
export type Tables = {
  events: EventsTable
  counts: CountsTable
  subjects: SubjectsTable
  links: LinksTable
  signs: SignsTable
  templates: TemplatesTable
  told: ToldTable
}
