/** Why a request is not taken: the HTTP status, and what the caller is told would be right. */
export type Refusal = { status: number; message: string; head?: Record<string, string> }

/** A caller's text in a message: quoted, and cut where it is long. */
export const quoted = (text: string) => JSON.stringify(text.length > 120 ? `${text.slice(0, 117)}…` : text)

export const unauthorized: Refusal = {
  status: 401,
  message:
    'The token is missing or wrong: send "Authorization: Bearer <token>", or Basic with it as password',
  // Basic, so that programs which wait to be asked send what stands in the URL.
  head: { 'www-authenticate': 'Bearer realm="ops-events", Basic realm="ops-events"' },
}

export const encoded: Refusal = {
  status: 415,
  message: 'Cannot read a compressed body: send it without content-encoding',
}

/** Whole seconds, and one at least: with 0 the caller would be back at once. */
export function retryAfter(milliseconds: number): Record<string, string> {
  return { 'retry-after': String(Math.max(1, Math.ceil(milliseconds / 1000))) }
}
