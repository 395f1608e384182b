import type { Item } from './item.ts'

/** The columns of a table of events; `event` is the CloudEvent as JSON. */
const columns = [
  ...(['time', 'severity', 'category', 'cluster', 'namespace', 'kind', 'name', 'node', 'type'] as const),
  ...(['reason', 'occurrences', 'message', 'correlation', 'observation', 'subject', 'event'] as const),
]

export const csvHead = `${columns.join(',')}\r\n`

/** One line of the table (RFC 4180). */
export const csvLine = (item: Item): string => `${columns.map(column => cellOf(item[column])).join(',')}\r\n`

function cellOf(value: unknown): string {
  if (typeof value === 'number') return String(value)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  // A spreadsheet runs what begins so as a formula (OWASP, CSV injection).
  const guarded = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded
}
