import { eventProblem, isEvent, type OpsEvent } from '../../shared/event.ts'
import { parseJson } from '../../shared/json.ts'
import type { Item } from './item.ts'

/** The CloudEvent that a message holds, or why it holds none; without headers it is taken for a structured one. */
export function eventOf(item: Item): { event: OpsEvent } | { problem: string } {
  const parsed = isBinary(item) ? { value: binaryEvent(item) } : parseJson(textOf(item))
  if ('problem' in parsed) return parsed
  return isEvent(parsed.value) ? { event: parsed.value } : { problem: eventProblem(parsed.value) ?? '' }
}

/**
 * The members of a request in batched mode. The stored bytes go through as they are; what is not JSON fails the whole
 * request and is found by narrowing.
 */
export function batchOf(items: Item[]): Buffer {
  const parts: Uint8Array[] = []
  for (const item of items) parts.push(parts.length === 0 ? open : comma, structuredOf(item))
  return Buffer.concat([...parts, close])
}

const [open, comma, close] = [Buffer.from('['), Buffer.from(','), Buffer.from(']')]

/** Is `id` the id of this item's event? The usual spelling is found without parsing. */
export function isIdOf(item: Item, id: string): boolean {
  if (bytesOf(item).includes(`"id":${JSON.stringify(id)}`)) return true
  const read = isBinary(item) ? { value: binaryEvent(item) } : parseJson(textOf(item))
  const named: unknown = 'value' in read ? read.value : undefined
  const own = typeof named === 'object' && named !== null && 'id' in named ? named.id : ''
  return (typeof own === 'string' ? own : '') === id
}

function structuredOf(item: Item): Uint8Array {
  if (isBinary(item)) return Buffer.from(again(item, JSON.stringify(binaryEvent(item))))
  return item.attempts === 0 ? item.pulled.payload : Buffer.from(again(item, textOf(item)))
}

/** Tells the function which attempt this is, from the second on. */
function again({ attempts }: Item, text: string): string {
  // Only what ends like an object is one: nothing else may become one by this.
  const end = text.trimEnd()
  const tells = attempts > 0 && /[^{,\s]\s*\}$/.test(end.slice(-64))
  return tells ? `${end.slice(0, -1)},"attempt":${attempts + 1}}` : text
}

const isBinary = (item: Item): boolean => item.pulled.headers?.has('ce-specversion') ?? false

/** The payload without copying it. */
export const bytesOf = ({ pulled: { payload } }: Item): Buffer =>
  Buffer.from(payload.buffer, payload.byteOffset, payload.length)

const textOf = (item: Item): string => bytesOf(item).toString('utf8')

/** An event in the NATS binding's binary mode: attributes in headers `ce-…`, the data in the payload. */
function binaryEvent(item: Item): Record<string, unknown> {
  const event: Record<string, unknown> = {}
  for (const [name, values] of item.pulled.headers ?? []) {
    const lower = name.toLowerCase()
    if (lower.startsWith('ce-')) event[lower.slice(3)] = decodeHeader(values[0] ?? '')
  }
  return { ...event, ...dataOf(item.pulled.payload, String(event.datacontenttype ?? 'application/json')) }
}

function dataOf(payload: Uint8Array, type: string): { data: unknown } | { data_base64: string } | object {
  if (payload.length === 0) return {}
  const bytes = Buffer.from(payload)
  const text = bytes.toString('utf8')
  const parsed = /[/+]json\b/.test(type) ? parseJson(text) : { problem: '' }
  if ('value' in parsed) return { data: parsed.value }
  return Buffer.from(text).equals(bytes) ? { data: text } : { data_base64: bytes.toString('base64') }
}

function decodeHeader(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A publisher that does not encode: the header is what it is.
    return text
  }
}
