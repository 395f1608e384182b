import { createHmac } from 'node:crypto'

/** The keys of `options.secret`, or what is wrong with it, in words that do not show it. */
export type Keys = { keys: Buffer[] } | { problem: string }

/**
 * Keys separated by blanks or commas, so that a receiver can learn the new one before the old one goes. `whsec_…` is
 * base64 (Standard Webhooks 1.0.0, "Signature scheme"); any other text is a key as it stands, in UTF-8.
 */
export function keysOf(secret: string | undefined): Keys {
  const keys: Buffer[] = []
  for (const text of (secret ?? '').split(/[\s,]+/).filter(Boolean)) {
    if (/^wh[sp]k_/.test(text))
      return { problem: 'options.secret has an asymmetric key, it has to be whsec_… or any text' }
    const [, base64] = /^whsec_(.*)$/.exec(text) ?? []
    if (base64 === undefined) keys.push(Buffer.from(text))
    else if (isBase64(base64)) keys.push(Buffer.from(base64, 'base64'))
    else return { problem: 'options.secret has a key whsec_… that is not in base64' }
  }
  return { keys }
}

const isBase64 = (text: string) =>
  /^(?:[A-Za-z0-9+/]{4})+$|^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(==)?|[A-Za-z0-9+/]{3}=?)$/.test(text)

/** `webhook-signature`: one signature for each key, over `id.timestamp.body`; no header without keys. */
export function signatureOf(
  keys: Buffer[],
  { id, timestamp, body }: { id: string; timestamp: string; body: string | Buffer },
): { 'webhook-signature'?: string } {
  if (keys.length === 0) return {}
  const signatures = keys.map(key => {
    const digest = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')
    return `v1,${digest}`
  })
  return { 'webhook-signature': signatures.join(' ') }
}
