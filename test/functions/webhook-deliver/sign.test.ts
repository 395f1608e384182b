import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { signatureOf } from '../../../functions/webhook-deliver/sign.ts'
import { keysOf } from '../../../shared/receivers/signing-keys.ts'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek'
const body = '{"test": 2432232314}'

/** Headers as they go out, signed now unless told otherwise. */
function headersOf(secrets: string, more: { body?: string | Buffer; timestamp?: string } = {}) {
  const read = keysOf(secrets)
  if ('flaw' in read) throw new Error(read.flaw.problem)
  const { timestamp = String(Math.floor(Date.now() / 1000)) } = more
  const signature = signatureOf(read.keys, { id, timestamp, body: more.body ?? body })
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': '', ...signature }
}

describe('signatureOf()', () => {
  it('is what the specification gives for its own example', () => {
    expect(headersOf(secret, { timestamp: '1614265330' })['webhook-signature']).toBe(
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    )
  })

  it('is verified by the public library, whatever the body', () => {
    fc.assert(
      fc.property(fc.json(), fc.uint8Array({ minLength: 1, maxLength: 64 }), (text, key) => {
        const own = `whsec_${Buffer.from(key).toString('base64')}`
        expect(new Webhook(own).verify(text, headersOf(own, { body: text }))).toEqual(JSON.parse(text))
        const buffer = Buffer.from(text)
        expect(headersOf(own, { body: buffer, timestamp: '1' })).toEqual(
          headersOf(own, { body: text, timestamp: '1' }),
        )
      }),
    )
  })

  it('is not verified when a byte has changed, with an old timestamp, or by a foreign key', () => {
    const headers = headersOf(secret)
    const receiver = new Webhook(secret)
    expect(receiver.verify(body, headers)).toEqual({ test: 2432232314 })
    for (let at = 0; at < body.length; at++) {
      const changed = Buffer.from(body)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(() => receiver.verify(changed, headers)).toThrow('No matching signature found')
    }
    const old = headersOf(secret, { timestamp: String(Math.floor(Date.now() / 1000) - 301) })
    expect(() => receiver.verify(body, old)).toThrow('too old')
    expect(() =>
      receiver.verify(body, { ...old, 'webhook-timestamp': headers['webhook-timestamp'] }),
    ).toThrow('No matching signature found')
    expect(() => receiver.verify(body, { ...headers, 'webhook-id': 'msg_other' })).toThrow('No matching')
    expect(() => new Webhook(`whsec_${btoa('another key of theirs')}`).verify(body, headers)).toThrow(
      'No matching',
    )
  })

  it.each([' ', ',', ', ', '\n'])(
    'is verified by the old and by the new key, which %j separates',
    separator => {
      const next = `whsec_${btoa('the key that comes next')}`
      const headers = headersOf(`${secret}${separator}${next}`)
      for (const one of [secret, next]) expect(new Webhook(one).verify(body, headers)).toBeDefined()
      expect(headers['webhook-signature'].split(' ')).toHaveLength(2)
    },
  )

  it('takes a text that is no whsec_ for the key itself', () => {
    const plain = 'correct-horse-bättery-staple'
    const receiver = new Webhook(Buffer.from(plain), { format: 'raw' })
    expect(receiver.verify(body, headersOf(plain))).toBeDefined()
  })

  it('is no header at all without a key', () => {
    expect(keysOf(undefined)).toEqual({ keys: [] })
    expect(keysOf(' , ')).toEqual({ keys: [] })
    expect(signatureOf([], { id, timestamp: '1', body })).toEqual({})
  })
})
