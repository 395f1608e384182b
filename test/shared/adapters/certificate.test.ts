import { createServer } from 'node:net'
import { afterAll, describe, expect, it } from 'vitest'
import { freePort } from '../../../infra/local/ports.ts'
import { certificateEnd } from '../../../shared/adapters/certificate.ts'

const never = new AbortController().signal
const access = (server: string) => ({ server, tls: {}, credentials: async () => ({}) })

/** A server that does this with every connection. */
async function listening(taken: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(taken)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  afterAll(() => server.close())
  const address = server.address()
  return `https://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
}

// That it reads one: test/functions/cron-taskrun/clusters/probe.test.ts.
describe('certificateEnd()', () => {
  it('knows none where there is no TLS', async () => {
    expect(await certificateEnd(access('http://127.0.0.1:1'), never)).toBeUndefined()
  })

  it('says that nobody listens, or that it was closed', async () => {
    const port = await freePort()
    await expect(certificateEnd(access(`https://127.0.0.1:${port}`), never)).rejects.toThrow('ECONNREFUSED')
    const closing = await listening(socket => socket.destroy())
    await expect(certificateEnd(access(closing), never)).rejects.toThrow()
  })

  it('waits no longer than its signal', async () => {
    const silent = await listening(() => {})
    await expect(certificateEnd(access(silent), AbortSignal.timeout(50))).rejects.toThrow('in time')
  })
})
