import type { Classify } from './classify.ts'
import { oneLine } from './clean.ts'
import { correlationOf } from './correlation.ts'
import type { OpsEvent } from './event.ts'
import { isObject } from './json.ts'
import { occurrencesOf } from './occurrences.ts'
import { aboutOf, readableText } from './readable.ts'
import { remembering } from './remembering.ts'
import { ofNumber, severityNumber } from './severity.ts'
import { storable } from './storable.ts'
import type { StoredEvent } from './stored.ts'
import { templateOf } from './template.ts'

/** By what an event becomes a row. */
export type Reading = {
  /** When it came: the time of those that tell none. */
  received: Date
  /** Asked for what does not say it itself. */
  classify: Classify
  /** For how many days such a row is kept. */
  keepOf(row: Omit<StoredEvent, 'keep'>): number
}

const day = 24 * 3600_000
/** Bytes of a name at most (Kubernetes has 253 characters), of other words, of a subject, and characters of a message. */
const most = { name: 253, word: 128, subject: 1024, message: 8_192 } as const

const templateIn = remembering(message => templateOf(message)?.id ?? '', { texts: 2_000, longest: 1_000 })

/**
 * The row of an event, whatever is in it. What no database holds (NUL, halves of surrogate pairs, numbers beyond all
 * bounds) is replaced, and attribute `cleaned` says so; what a column has no room for is cut there and whole in `data`.
 */
export function rowOf(event: OpsEvent, { received, classify, keepOf }: Reading): StoredEvent {
  const { value: data, cleaned } = storable(event.data ?? null)
  const said = isObject(data) ? data : {}
  const subject = held(event.subject, most.subject)
  const about = aboutOf(subject)
  const kind = held(said.kind, most.name) || held(about.kind, most.name)
  const name = held(said.name, most.name) || held(about.name, most.name)
  const { time, exact } = timeOf(event.time, received)
  const ownMessage = messageIn(data)
  const row = {
    id: held(event.id),
    source: held(event.source),
    time,
    subject,
    event_type: held(event.type, most.word),
    type: held(said.type, most.word) || held(event.type, most.word),
    cluster: held(event.cluster, most.name) || held(said.cluster, most.name),
    namespace: held(said.namespace, most.name) || held(about.namespace, most.name),
    kind,
    name,
    reason: held(said.reason, most.word),
    node: held(said.node, most.name) || (kind.toLowerCase() === 'node' ? name : ''),
    resource: held(resourceIn(subject), most.name),
    observation: held(subject.slice(subject.lastIndexOf('.') + 1), most.word),
    ...classOf(event, classify),
    occurrences: Math.min(occurrencesOf(event), mostOccurrences),
    correlation: correlationOf({ ...event, time: time.toISOString() }).correlationid ?? null,
    message: (ownMessage || oneLine(readableText(event))).slice(0, most.message).toWellFormed(),
    template: (ownMessage && templateIn(ownMessage)) || null,
    data,
    attributes: attributesOf(event, exact, cleaned),
  }
  return { ...row, keep: keptFor(keepOf(row), time, received) }
}

/** The event that a row came of, and how it was classified and correlated. */
export function eventOf(row: Omit<StoredEvent, 'keep' | 'template'>): OpsEvent {
  const { id, source, event_type, subject, time, cluster, category, severity, correlation, data } = row
  const isJson = data !== null && !('data_base64' in row.attributes)
  return {
    specversion: '1.0',
    ...{ id, source, type: event_type, ...(subject && { subject }), time: time.toISOString() },
    ...(isJson && { datacontenttype: 'application/json' }),
    ...(cluster && { cluster }),
    ...{ category, severitynumber: severity },
    ...(correlation !== null && { correlationid: correlation }),
    ...row.attributes,
    ...(data !== null && { data }),
  }
}

/** A message, a finding or a run may happen more often than a column can say. */
const mostOccurrences = 2 ** 31 - 1

/** Negative for what happened too long ago or too far ahead to lie among the days: it is kept from when it came. */
function keptFor(days: number, time: Date, received: Date): number {
  const age = received.getTime() - time.getTime()
  return age > days * day || age < -day ? -days : days
}

// PostgreSQL knows no year 0, and later ones than 9999 are written in another way.
const earliest = Date.parse('0001-01-02T00:00:00Z')
const latest = Date.parse('9999-12-30T00:00:00Z')

function timeOf(text: string | undefined, received: Date): { time: Date; exact: string | undefined } {
  const given = Date.parse(text ?? '')
  if (Number.isNaN(given)) return { time: received, exact: undefined }
  const time = new Date(Math.min(Math.max(given, earliest), latest))
  return { time, exact: time.toISOString() === text ? undefined : text }
}

function classOf(event: OpsEvent, classify: Classify): { category: string; severity: number } {
  const category = held(event.category, most.word)
  const given = event.severitynumber
  // OpenTelemetry's numbers are from 1 to 24: what was classified where it came from keeps its own.
  if (category && typeof given === 'number' && ofNumber(given)) return { category, severity: given }
  const found = classify(event)
  return { category: held(found.category, most.word), severity: severityNumber[found.severity] }
}

function messageIn(data: unknown): string {
  const said = isObject(data) ? data.message : data
  return typeof said === 'string' ? said : ''
}

function resourceIn(subject: string): string {
  const [ops, clusters, , scope, , plural] = subject.split('.')
  if (ops !== 'ops' || clusters !== 'clusters') return ''
  return (scope === 'namespaces' ? plural : scope) ?? ''
}

/** Those that have a column; `attempt` is the bridge's. */
const inColumns = new Set([
  ...['specversion', 'id', 'source', 'type', 'subject', 'time', 'data', 'attempt'],
  ...['cluster', 'category', 'severitynumber', 'correlationid'],
])

function attributesOf(event: OpsEvent, time: string | undefined, cleaned: boolean): Record<string, unknown> {
  const others = Object.entries(event).filter(
    ([name, value]) =>
      !inColumns.has(name) &&
      value !== null &&
      value !== undefined &&
      !(name === 'datacontenttype' && value === 'application/json'),
  )
  const { value } = storable({
    ...Object.fromEntries(others),
    ...(time && { time }),
    ...(cleaned && { cleaned: true }),
  })
  return isObject(value) ? value : {}
}

/** A text as a column holds it, in so many bytes of UTF-8; empty for what is none. */
function held(value: unknown, bytes = Number.POSITIVE_INFINITY): string {
  if (typeof value !== 'string') return ''
  const text = value.replaceAll('\0', '\ufffd').toWellFormed()
  if (text.length * 3 <= bytes || Buffer.byteLength(text) <= bytes) return text
  // Whole characters, as many as fit: what of the last one is cut comes out as a sign that is taken away.
  return new TextDecoder().decode(Buffer.from(text).subarray(0, bytes)).replace(/\ufffd$/, '')
}
