/**
 * A CloudEvent 1.0 as it stands on the bus in structured JSON mode (CloudEvents spec 1.0.2, sections 3.1 and 3.2).
 * Attribute names are lower-case letters and digits; extension values are strings, 32-bit integers or booleans.
 */
export type OpsEvent = {
  specversion: '1.0'
  id: string
  source: string
  type: string
  subject?: string
  time?: string
  datacontenttype?: string
  dataschema?: string
  data?: unknown
  data_base64?: string
  [extension: string]: unknown
}

/** `source` of the events that the system makes itself, unless configured. */
export const ownSource = 'https://github.com/shaowenchen/ops'

const own = new Set([
  'specversion',
  'id',
  'source',
  'type',
  'subject',
  'time',
  'datacontenttype',
  'dataschema',
])
const attributeName = /^[a-z0-9]+$/
const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i

/** What is wrong with a value that should be a CloudEvent, naming the attribute, or undefined when nothing is. */
export function eventProblem(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return 'a CloudEvent is a JSON object'
  const event = value as Record<string, unknown>
  if (event.specversion !== '1.0') {
    return `attribute "specversion" is ${show(event.specversion)}, it has to be "1.0"`
  }
  for (const name of ['id', 'source', 'type']) {
    if (typeof event[name] !== 'string' || event[name] === '') {
      return `attribute "${name}" is ${show(event[name])}, it has to be a non-empty string`
    }
  }
  if ('data' in event && 'data_base64' in event)
    return 'it has both "data" and "data_base64", only one may stand'
  for (const name in event) {
    const problem = attributeProblem(name, event[name])
    if (problem) return problem
  }
  return undefined
}

/** True when `eventProblem` finds nothing. */
export const isEvent = (value: unknown): value is OpsEvent => eventProblem(value) === undefined

// RFC 4648, section 4.
const isBase64 = (text: string) => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)

function attributeProblem(name: string, value: unknown): string | undefined {
  if (name === 'data') return undefined
  if (name === 'data_base64') {
    return typeof value === 'string' && isBase64(value)
      ? undefined
      : '"data_base64" has to be base64, with its padding'
  }
  if (own.has(name)) {
    // An attribute that is null is absent (JSON event format, section 2.2).
    if (value === null && name !== 'specversion') return undefined
    if (typeof value !== 'string' || value === '')
      return `attribute "${name}" is ${show(value)}, it has to be a non-empty string`
    if (name === 'time' && !(timestamp.test(value) && !Number.isNaN(Date.parse(value)))) {
      return `attribute "time" is ${show(value)}, it has to be an RFC 3339 timestamp such as 2026-01-31T12:00:00Z`
    }
    return undefined
  }
  if (!attributeName.test(name)) {
    return `attribute ${show(name)} has a name of other characters than a to z and 0 to 9`
  }
  return extensionProblem(name, value)
}

function extensionProblem(name: string, value: unknown): string | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= 2 ** 31 - 1) return undefined
  return `extension "${name}" is ${show(value)}, it has to be a string, a 32-bit integer or a boolean`
}

function show(value: unknown): string {
  if (value === undefined) return 'missing'
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}
