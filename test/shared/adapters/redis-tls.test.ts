import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setDefaultCACertificates } from 'node:tls'
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Identity } from '../../../shared/adapters/identity.ts'
import { openRedis } from '../../../shared/adapters/redis.ts'
import { asClient, certificate, keyOf, ownFolder, pemOf, redisWithTls } from '../../certificates.ts'

describe('Redis with TLS', async () => {
  const url = await redisWithTls()
  const { host, port } = new URL(url)

  // As NODE_EXTRA_CA_CERTS, which Node reads at its start.
  beforeAll(() => setDefaultCACertificates([pemOf('ca')]))

  function opened(at: string, identity: Identity) {
    const warn = vi.fn()
    const redis = openRedis(at, { debug() {}, info() {}, warn, error() {} }, identity)
    onTestFinished(() => redis.close())
    return { redis, warned: () => warn.mock.calls }
  }

  it('takes who shows a certificate', async () => {
    const { redis } = opened(url, asClient)
    await expect.poll(() => redis.put([['tls', 'x']], 60), { timeout: 20_000 }).toBe(true)
    expect(await redis.get('tls')).toBe('x')
  })

  it('takes who has another one by then', async () => {
    const dir = await ownFolder()
    const files = { TLS_CERT_FILE: join(dir, 'tls.crt'), TLS_KEY_FILE: join(dir, 'tls.key') }
    const put = (name: 'localhost' | 'client') =>
      Promise.all([
        copyFile(certificate(name), files.TLS_CERT_FILE),
        copyFile(keyOf(name), files.TLS_KEY_FILE),
      ])
    await put('localhost')
    const { redis, warned } = opened(url, files)
    await expect.poll(warned, { timeout: 20_000 }).toHaveLength(1)
    await put('client')
    await expect.poll(() => redis.put([['tls', 'y']], 60), { timeout: 20_000 }).toBe(true)
  })

  it.each([
    [
      url,
      {},
      `${host}: it wants a certificate of ours: TLS_CERT_FILE and TLS_KEY_FILE have to name one that it takes`,
    ],
    [
      `rediss://127.0.0.1:${port}`,
      asClient,
      `127.0.0.1:${port}: its certificate is for DNS:localhost, not for "127.0.0.1"`,
    ],
  ])('is done without where it is not connected to, and the log says why (%#)', async (at, identity, err) => {
    const { redis, warned } = opened(at, identity)
    expect(await redis.get('tls')).toBeUndefined()
    await expect.poll(warned, { timeout: 20_000 }).toEqual([[{ err }, 'Redis is away: going on without it']])
  })
})
