import { createHmac } from 'node:crypto'

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
