import { describe, expect, it } from 'vitest'
import { fingerprint, preferred } from '../../../../functions/cron-taskrun/ssh/host-key.ts'

// github.com's, as it publishes them.
const ed25519 = 'AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl'
const blob = (kind: string) => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(kind.length)
  return Buffer.concat([length, Buffer.from(kind), Buffer.alloc(40)]).toString('base64')
}
const known = (key: string) => ({ key, address: 'h:22', since: '2026-11-21T12:00:00Z' })
const kinds = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'rsa-sha2-512', 'rsa-sha2-256']

describe('the key of a host', () => {
  it('has the fingerprint that ssh-keygen shows', () => {
    expect(fingerprint(Buffer.from(ed25519, 'base64'))).toBe(
      'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU',
    )
  })

  it.each([
    [undefined, kinds],
    [known(ed25519), kinds],
    [
      known(blob('ecdsa-sha2-nistp256')),
      ['ecdsa-sha2-nistp256', 'ssh-ed25519', 'rsa-sha2-512', 'rsa-sha2-256'],
    ],
    [known(blob('ssh-rsa')), ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-ed25519', 'ecdsa-sha2-nistp256']],
    [known('AA=='), kinds],
  ])('is asked for in the kind that is known: %#', (key, order) => {
    expect(preferred(key, kinds)).toEqual(order)
  })
})
