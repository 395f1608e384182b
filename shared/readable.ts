import type { OpsEvent } from './event.ts'
import { isObject } from './json.ts'

/**
 * An event as people read it and as keywords of hooks match it: one line `label: value \n` for each field that is
 * not empty (the blank before the newline is what existing rules match), in the order of its type's list; the data
 * as compact JSON for types without a list. `timeZone` is an IANA name.
 */
export function readableText(event: OpsEvent, timeZone = 'UTC'): string {
  const fields = fieldsOf(event, timeZone)
  if (!fields) return dataText(event)
  let text = ''
  for (const [label, value] of fields) {
    const shown = plain(value)
    if (shown !== '') text += `${label}: ${shown} \n`
  }
  return text
}

/** The lines of the readable text as pairs; undefined for types without a list. */
export const readableFields = (event: OpsEvent, timeZone = 'UTC') =>
  fieldsOf(event, timeZone)
    ?.map(([label, value]): [label: string, value: string] => [label, plain(value)])
    .filter(([, value]) => value !== '')

function fieldsOf(event: OpsEvent, timeZone: string): Fields | undefined {
  // Own rows only: a type may be called "constructor".
  const reader = Object.hasOwn(readers, event.type) ? readers[event.type] : undefined
  return isObject(event.data) ? reader?.(event, event.data, timeZone) : undefined
}

type Fields = [label: string, value: unknown][]
type Reader = (event: OpsEvent, data: Record<string, unknown>, timeZone: string) => Fields

const readers: Record<string, Reader> = {
  Kube: (event, data, timeZone) => {
    const about = aboutOf(event.subject ?? '')
    const kind = typeof data.kind === 'string' ? data.kind.toLowerCase() : about.kind
    return [
      ['cluster', clusterOf(event, data)],
      ['namespace', data.namespace ?? about.namespace],
      [kind ?? '', kind ? (data.name ?? about.name) : undefined],
      ['type', data.type],
      ['reason', data.reason],
      ['timestamp', localTime(data.eventTime, timeZone)],
      ['from', data.from],
      ['message', data.message],
    ]
  },
  Host: (event, data) => {
    const status = isObject(data.status) ? data.status : {}
    return [
      ['cluster', clusterOf(event, data)],
      ['address', data.address],
      ['hostname', status.hostname],
      ['diskUsagePercent', status.diskUsagePercent],
      ['heartStatus', status.heartStatus],
    ]
  },
  Cluster: (event, data) => {
    const status = isObject(data.status) ? data.status : {}
    return [
      ['cluster', clusterOf(event, data)],
      ['server', data.server],
      ['version', status.version],
      ['certNotAfterDays', status.certNotAfterDays],
      ['heartStatus', status.heartStatus],
    ]
  },
  TaskRunReport: (event, data, timeZone) => [
    ['cluster', clusterOf(event, data)],
    ['host', data.host],
    ['kind', data.kind],
    ['threshold', data.threshold],
    ['operator', data.operator],
    ['value', data.value],
    ['status', data.status],
    ['message', data.message],
    ['time', localTime(event.time, timeZone)],
  ],
  Digest: (event, data, timeZone) => [
    ['cluster', clusterOf(event, data)],
    ['hook', data.hook],
    ['from', localTime(data.from, timeZone)],
    ['until', localTime(data.until, timeZone)],
    ['count', data.count],
    ['reasons', isObject(data.reasons) ? countsText(data.reasons) : undefined],
    ['names', Array.isArray(data.names) ? data.names.map(plain).join(', ') : undefined],
    ['message', data.message],
  ],
  Pattern: (event, data, timeZone) => [
    ['cluster', clusterOf(event, data)],
    ['namespace', data.namespace],
    ['kind', data.kind],
    ['reason', data.reason],
    ['verdict', data.verdict],
    ['count', data.count],
    ['ratio', data.ratio],
    ['firstSeen', localTime(data.firstSeen, timeZone)],
    ['lastSeen', localTime(data.lastSeen, timeZone)],
    ['message', data.message],
  ],
}

const clusterOf = (event: OpsEvent, data: Record<string, unknown>) => data.cluster || event.cluster

/** A value of an event's data as text; empty where there is none. */
export function plain(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** `BackOff 12, Unhealthy 3`, the most frequent first. */
export const countsText = (counts: Record<string, unknown>): string =>
  Object.entries(counts)
    .sort(([, a], [, b]) => Number(b) - Number(a))
    .map(([name, count]) => `${name} ${plain(count)}`)
    .join(', ')

function dataText(event: OpsEvent): string {
  if (event.data === undefined) return event.data_base64 ?? ''
  const isText =
    typeof event.data === 'string' && !(event.datacontenttype ?? 'application/json').includes('json')
  return isText ? String(event.data) : JSON.stringify(event.data)
}

/** What the subject says about its resource, for events of publishers that leave it out of the data. */
export function aboutOf(subject: string): {
  namespace?: string | undefined
  kind?: string
  name?: string | undefined
} {
  const [ops, clusters, , scope, namespace, plural, name] = subject.split('.')
  if (ops !== 'ops' || clusters !== 'clusters' || scope === undefined) return {}
  if (scope !== 'namespaces') return { kind: singular(scope), name: namespace }
  return plural === undefined ? { namespace } : { namespace, kind: singular(plural), name }
}

function singular(plural: string): string {
  if (plural.endsWith('ies')) return `${plural.slice(0, -3)}y`
  if (/(s|x|ch|sh)es$/.test(plural)) return plural.slice(0, -2)
  return plural.endsWith('s') ? plural.slice(0, -1) : plural
}

/** `YYYY-MM-DD HH:MM:SS` in a time zone; what is no time stays as it is. */
export function localTime(value: unknown, timeZone: string): unknown {
  if (typeof value !== 'string' || value === '') return undefined
  const time = new Date(value)
  if (Number.isNaN(time.getTime())) return value
  if (timeZone === 'UTC') return time.toISOString().slice(0, 19).replace('T', ' ')
  return formatOf(timeZone).format(time)
}

const formats = new Map<string, Intl.DateTimeFormat>()

// Swedish is the locale whose short form is the one wanted here.
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known) return known
  const made = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
  formats.set(timeZone, made)
  return made
}
