import type { IncomingHttpHeaders } from 'node:http'
import { eventProblem, isEvent, type OpsEvent } from './event.ts'
import { parseJson } from './json.ts'

/** The three content modes of the CloudEvents HTTP binding (1.0.2, section 3) and their media types. */
export const mediaTypes = {
  structured: 'application/cloudevents+json',
  batch: 'application/cloudevents-batch+json',
} as const

export type Mode = 'binary' | 'structured' | 'batch'

/** Events of a request, or why it holds none: the HTTP status that says so, and the problem in words. */
export type Decoded = { mode: Mode; events: OpsEvent[] } | { status: 400 | 415; problem: string }

/** In which mode a request carries events, or undefined when it is no CloudEvents request at all. */
export function modeOf(headers: IncomingHttpHeaders): Mode | undefined {
  const type = mediaTypeOf(headers)
  if (type === mediaTypes.batch) return 'batch'
  if (type.startsWith('application/cloudevents')) return 'structured'
  return Object.keys(headers).some(name => name.startsWith('ce-')) ? 'binary' : undefined
}

/** Reads and checks the events of a request; of a batch either all or none. `deepest` as in `parseJson`. */
export function decodeHttp(headers: IncomingHttpHeaders, body: Buffer, deepest?: number): Decoded {
  const mode = modeOf(headers)
  switch (mode) {
    case undefined:
      return {
        status: 415,
        problem: `content-type is "${mediaTypeOf(headers)}" and there are no ce- headers: send ${mediaTypes.structured}, ${mediaTypes.batch}, or binary mode`,
      }
    case 'binary':
      return binaryEvent(headers, body, deepest)
    case 'structured':
      return mediaTypeOf(headers) === mediaTypes.structured
        ? structuredEvent(body, deepest)
        : {
            status: 415,
            problem: `content-type is "${mediaTypeOf(headers)}", of structured modes only JSON is read`,
          }
    case 'batch':
      return batchOf(body, deepest)
  }
}

function structuredEvent(body: Buffer, deepest?: number): Decoded {
  const parsed = parseJson(body.toString('utf8'), deepest)
  if ('problem' in parsed) return { status: 400, problem: parsed.problem }
  if (!isEvent(parsed.value)) return { status: 400, problem: eventProblem(parsed.value) ?? '' }
  return { mode: 'structured', events: [parsed.value] }
}

function batchOf(body: Buffer, deepest?: number): Decoded {
  const parsed = parseJson(body.toString('utf8'), deepest)
  if ('problem' in parsed) return { status: 400, problem: parsed.problem }
  if (!Array.isArray(parsed.value)) return { status: 400, problem: 'a batch is a JSON array of CloudEvents' }
  const events: OpsEvent[] = []
  for (const [index, member] of parsed.value.entries()) {
    if (!isEvent(member))
      return { status: 400, problem: `member ${index + 1} of the batch: ${eventProblem(member)}` }
    events.push(member)
  }
  return { mode: 'batch', events }
}

function binaryEvent(headers: IncomingHttpHeaders, body: Buffer, deepest?: number): Decoded {
  const event: Record<string, unknown> = {}
  for (const [header, value] of Object.entries(headers)) {
    if (!header.startsWith('ce-') || typeof value !== 'string') continue
    if (header === 'ce-data' || header === 'ce-data_base64')
      return { status: 400, problem: `header "${header}" is no attribute: the data is the body` }
    const decoded = percentDecoded(value)
    if (decoded === undefined)
      return { status: 400, problem: `header "${header}" is not percent-encoded UTF-8` }
    event[header.slice(3)] = decoded
  }
  const type = headers['content-type']
  if (type) event.datacontenttype = type
  if (body.length > 0) {
    const data = dataOf(mediaTypeOf(headers), body, deepest)
    if ('problem' in data) return { status: 400, problem: `the data: ${data.problem}` }
    Object.assign(event, data)
  }
  if (!isEvent(event)) return { status: 400, problem: eventProblem(event) ?? '' }
  return { mode: 'binary', events: [event] }
}

type Data = { data: unknown } | { data_base64: string } | { problem: string }

function dataOf(type: string, body: Buffer, deepest?: number): Data {
  if (type === '' || /^(application|text)\/(.+\+)?json$/.test(type)) {
    const parsed = parseJson(body.toString('utf8'), deepest)
    return 'problem' in parsed ? parsed : { data: parsed.value }
  }
  if (type.startsWith('text/')) return { data: body.toString('utf8') }
  return { data_base64: body.toString('base64') }
}

/** One event as a request in binary mode. The data goes as it is; JSON data is written compactly. */
export function encodeBinary(event: OpsEvent): { headers: Record<string, string>; body: Buffer } {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(event)) {
    if (name === 'data' || name === 'data_base64' || name === 'datacontenttype') continue
    if (value !== null && value !== undefined) headers[`ce-${name}`] = percentEncoded(String(value))
  }
  if (event.data_base64 !== undefined) {
    headers['content-type'] = event.datacontenttype ?? 'application/octet-stream'
    return { headers, body: Buffer.from(event.data_base64, 'base64') }
  }
  if (event.data === undefined) return { headers, body: Buffer.alloc(0) }
  const type = event.datacontenttype ?? 'application/json'
  headers['content-type'] = type
  const asText = typeof event.data === 'string' && !/json/.test(type)
  return { headers, body: Buffer.from(asText ? String(event.data) : JSON.stringify(event.data)) }
}

// HTTP binding 3.1.3.2: blank, quotation mark, percent and everything outside U+0021 to U+007E.
const percentEncoded = (text: string) =>
  text.toWellFormed().replaceAll(/[^!-~]|["%]/gu, character => encodeURIComponent(character))

function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(unquoted(text).replaceAll(/%(?![0-9A-Fa-f]{2})/g, '%25'))
  } catch {
    // decodeURIComponent throws for one reason only: the octets are not UTF-8.
    return undefined
  }
}

// HTTP binding 3.1.3.2: a value that stands in double quotes is taken out of them first (RFC 7230, 3.2.6).
const unquoted = (text: string) => (/^".*"$/.test(text) ? text.slice(1, -1).replaceAll(/\\(.)/g, '$1') : text)

const mediaTypeOf = (headers: IncomingHttpHeaders) =>
  (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
