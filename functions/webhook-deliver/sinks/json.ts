import type { HttpAnswer } from '../../../shared/adapters/http.ts'
import { isObject, parseJson } from '../../../shared/json.ts'
import type { SinkRequest } from '../sink.ts'

/** A request with a JSON body. */
export const posted = (url: URL, body: unknown): SinkRequest => ({
  url,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

/** What a text holds, undefined when it is no JSON. */
export function parsed(text: string): unknown {
  const found = parseJson(text)
  return 'value' in found ? found.value : undefined
}

/** What a service said, where it is a JSON object. */
export function said({ body }: HttpAnswer): Record<string, unknown> | undefined {
  const value = parsed(body)
  return isObject(value) ? value : undefined
}

/** A number of seconds that a service asks to wait, in milliseconds; undefined for anything else. */
export const waitOf = (seconds: unknown): number | undefined =>
  typeof seconds === 'number' && seconds >= 0 && seconds <= 1e6 ? Math.ceil(seconds * 1000) : undefined
