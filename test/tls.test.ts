import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, inject, it, vi } from 'vitest'
import { z } from 'zod'
import {
  asClient,
  certificate,
  natsWithTls,
  ownFolder,
  postgresWithTls,
  redisWithTls,
} from './certificates.ts'
import { openReceiver, startChain } from './chain.ts'
import { newOperator } from './nats-operator.ts'
import { ownPostgres } from './servers.ts'

const Found = z.object({ data: z.object({ list: z.array(z.object({ name: z.string() })) }) })

const subject = 'ops.clusters.mycluster.namespaces.n.pods.p.events'
const patience = { timeout: 30_000, interval: 100 }

const operator = newOperator()
const dir = await ownFolder()
const credentials = join(dir, 'nats.creds')
const [nats, redis, postgres, receiver] = await Promise.all([
  natsWithTls('server', operator.configuration, 'verify: true'),
  redisWithTls(),
  // The embedded one knows no TLS.
  inject('noPostgres') ? ownPostgres().then(({ url }) => url) : postgresWithTls(),
  openReceiver(),
])
const hook = {
  ...{ apiVersion: 'crd.chenshaowen.com/v1', kind: 'EventHooks', metadata: { name: 'all', namespace: 'n' } },
  spec: { subject, type: 'webhook', url: `${receiver.url}/hook` },
}
await writeFile(join(dir, 'hook.yaml'), JSON.stringify(hook))
await writeFile(credentials, operator.credentials())
const chain = await startChain(dir, 'current', {
  postgres,
  servers: { nats: { url: `tls://localhost:${nats.port}` }, redis: { url: redis } },
  envOf: () => ({
    ...{ NODE_EXTRA_CA_CERTS: certificate('ca'), NATS_CREDS_FILE: credentials },
    ...asClient,
  }),
})

it('events are told and stored where all servers have TLS and know us by certificates and credentials', async () => {
  const headers = { authorization: `Bearer ${chain.token}`, 'content-type': 'application/cloudevents+json' }
  const event = { specversion: '1.0', id: 'tls', source: 'test', type: 'Kube', subject, data: { name: 'p' } }
  const posted = await fetch(chain.ingest, { method: 'POST', headers, body: JSON.stringify(event) })
  expect(posted.status).toBe(200)
  await vi.waitFor(() => expect(receiver.calls.map(({ path }) => path)).toEqual(['/hook']), patience)
  await vi.waitFor(async () => {
    const answer = await fetch(`${chain.api}/api/v1/query?subject=${subject}`, { headers })
    expect(Found.parse(await answer.json()).data.list).toMatchObject([{ name: 'p' }])
  }, patience)
})
