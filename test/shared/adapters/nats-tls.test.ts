import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setDefaultCACertificates } from 'node:tls'
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { freePorts } from '../../../infra/local/ports.ts'
import type { Identity } from '../../../shared/adapters/identity.ts'
import { openNats } from '../../../shared/adapters/nats.ts'
import { connectionOptions } from '../../../shared/adapters/nats-options.ts'
import { tellWhyAway, whyAway } from '../../../shared/adapters/nats-reason.ts'
import { asClient, certificate, keyOf, natsWithTls, ownFolder, pemOf } from '../../certificates.ts'
import { newOperator } from '../../nats-operator.ts'
import { quiet } from '../../quiet.ts'
import { sharedNats } from '../../servers.ts'

// As NODE_EXTRA_CA_CERTS, which Node reads at its start.
beforeAll(() => setDefaultCACertificates([pemOf('ca')]))

function opened(url: string, identity: Identity = {}, log = quiet) {
  const nats = openNats(url, 'tls-test', log, identity)
  onTestFinished(() => nats.close())
  return nats
}

describe('NATS with TLS', async () => {
  const [named, address, elsewhere, expired, nobodys, asking] = await Promise.all([
    natsWithTls('server'),
    natsWithTls('address'),
    natsWithTls('elsewhere'),
    natsWithTls('expired'),
    natsWithTls('localhost'),
    natsWithTls('server', '', 'verify: true'),
  ])
  const plain = Number(new URL(sharedNats()).port)

  it.each([
    ['by its name', `tls://localhost:${named.port}`, {}],
    ['where the URL does not ask for it', `nats://localhost:${named.port}`, {}],
    ['by its address', `tls://127.0.0.1:${address.port}`, {}],
    ['that asks for a certificate', `tls://localhost:${asking.port}`, asClient],
    ['behind one that is away', `nats://localhost:1,tls://localhost:${named.port}`, {}],
  ])('is connected to %s', async (_, url, identity) => {
    const nc = await opened(url, identity).opened
    expect(await nc.rtt()).toBeGreaterThanOrEqual(0)
  })

  const strange = { TLS_CERT_FILE: certificate('localhost'), TLS_KEY_FILE: keyOf('localhost') }
  const mixed = { ...asClient, TLS_KEY_FILE: keyOf('server') }
  it.each([
    [
      'localhost',
      nobodys,
      {},
      'its certificate is by an authority that is not known here: NODE_EXTRA_CA_CERTS has to name a file with it, in PEM',
    ],
    ['localhost', expired, {}, 'its certificate has expired'],
    ['localhost', elsewhere, {}, 'its certificate is for DNS:nats.example.org, not for "localhost"'],
    ['127.0.0.1', named, {}, 'its certificate is for DNS:localhost, not for "127.0.0.1"'],
    ['localhost', { port: plain }, {}, 'it does not speak TLS there'],
    [
      'localhost',
      asking,
      {},
      'it wants a certificate of ours: TLS_CERT_FILE and TLS_KEY_FILE have to name one that it takes',
    ],
    ['localhost', asking, strange, 'it does not take the certificate in TLS_CERT_FILE'],
    ['localhost', asking, mixed, 'the key in TLS_KEY_FILE is not that of the certificate in TLS_CERT_FILE'],
  ])('that is not connected to at %s says why (%#)', async (host, { port }, identity, reason) => {
    const options = connectionOptions(`tls://${host}:${port}`, 'tls-test', identity)
    // One that ends the connection after the client has begun to talk may be gone before what it says is read.
    await expect.poll(() => whyAway(options), { timeout: 20_000 }).toBe(`${host}:${port}: ${reason}`)
  })

  const away = `tls://localhost:${expired.port},tls://localhost:1`
  const told = [
    { err: `localhost:${expired.port}: its certificate has expired; localhost:1: connection refused` },
    'NATS is away, going on trying',
  ]

  it('tells the log why each server does not take it', async () => {
    const warn = vi.fn()
    opened(away, {}, { ...quiet, warn })
    await expect.poll(() => warn.mock.calls, { timeout: 20_000 }).toEqual([told])
  })

  it('tells it once, however long it is away, and nothing after that', async () => {
    const warn = vi.fn()
    const asked = vi.fn(() => asked.mock.calls.length < 6)
    await tellWhyAway(connectionOptions(away, 'tls-test'), { isAway: asked, log: { warn }, every: 1 })
    expect(warn.mock.calls).toEqual([told])
  })
})

it('a server of the cluster that only the others know is known by the name of the one that was asked', async () => {
  const [one, other] = await freePorts(2)
  const cluster = (port = 0, peer = 0) =>
    `server_name: n${port}\ncluster { name: c, listen: "127.0.0.1:${port}", routes: ["nats://127.0.0.1:${peer}"] }`
  const [first, second] = await Promise.all([
    natsWithTls('server', cluster(one, other)),
    natsWithTls('server', cluster(other, one)),
  ])
  const nc = await opened(`tls://localhost:${first.port}`).opened
  await expect.poll(() => nc.info?.connect_urls, { timeout: 20_000 }).toContain(`127.0.0.1:${second.port}`)
  await first.kill()
  await expect.poll(() => nc.getServer(), { timeout: 20_000 }).toBe(`127.0.0.1:${second.port}`)
})

it('lets go of a connection that comes only after it was closed', async () => {
  const nats = openNats(sharedNats(), 'tls-test', quiet)
  await nats.close()
  const nc = await nats.opened
  expect(await nc.closed()).toBeUndefined()
})

describe('NATS in operator mode', async () => {
  const operator = newOperator()
  const server = await natsWithTls('server', operator.configuration)
  const url = `tls://localhost:${server.port}`
  const dir = await ownFolder()
  const file = join(dir, 'nats.creds')

  it('takes credentials of a file, as they are by the time it is connected to', async () => {
    const error = vi.fn()
    await writeFile(file, operator.credentials())
    const nats = opened(url, { NATS_CREDS_FILE: file }, { ...quiet, error })
    const nc = await nats.opened
    await writeFile(file, operator.credentials(Math.ceil(Date.now() / 1000) + 2))
    await nc.reconnect()
    // Ended by the server when its time is over, or refused where that is over by now.
    await expect.poll(() => error.mock.calls, { timeout: 20_000 }).not.toEqual([])
    await writeFile(file, operator.credentials())
    await expect.poll(() => nats.up()?.rtt(), { timeout: 20_000 }).toBeGreaterThanOrEqual(0)
  })

  it('takes those from before while the file is half a one', async () => {
    const warn = vi.fn()
    await writeFile(file, operator.credentials())
    const nc = await opened(url, { NATS_CREDS_FILE: file }, { ...quiet, warn }).opened
    await writeFile(file, 'half a file')
    await nc.reconnect()
    const back = [{ status: 'reconnect' }, 'NATS connection changed']
    await expect.poll(() => warn.mock.calls, { timeout: 20_000 }).toContainEqual(back)
  })

  it('refuses who has none', async () => {
    expect(await whyAway(connectionOptions(url, 'tls-test'))).toBe(
      `localhost:${server.port}: Authorization Violation`,
    )
  })
})
