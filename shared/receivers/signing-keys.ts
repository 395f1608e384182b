import type { Flaw } from './settings.ts'

/** The keys of `options.secret`, or what is wrong with it. */
export type Keys = { keys: Buffer[] } | { flaw: Flaw }

/**
 * Keys separated by blanks or commas, so that a receiver can learn the new one before the old one goes. `whsec_…` is
 * base64 (Standard Webhooks 1.0.0, "Signature scheme"); any other text is a key as it stands, in UTF-8.
 */
export function keysOf(secret: string | undefined): Keys {
  const keys: Buffer[] = []
  for (const text of (secret ?? '').split(/[\s,]+/).filter(Boolean)) {
    if (/^wh[sp]k_/.test(text)) return wrong('has an asymmetric key, it has to be whsec_… or any text')
    const [, base64] = /^whsec_(.*)$/.exec(text) ?? []
    if (base64 === undefined) keys.push(Buffer.from(text))
    else if (isBase64(base64)) keys.push(Buffer.from(base64, 'base64'))
    else return wrong('has a key whsec_… that is not in base64')
  }
  return { keys }
}

const wrong = (problem: string): Keys => ({ flaw: { field: 'options.secret', problem } })

const isBase64 = (text: string) =>
  /^(?:[A-Za-z0-9+/]{4})+$|^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(==)?|[A-Za-z0-9+/]{3}=?)$/.test(text)
