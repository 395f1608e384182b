import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { ledgerReader } from '../shared/adapters/ledger.ts'
import { openNats } from '../shared/adapters/nats.ts'
import { balance } from '../shared/ledger.ts'
import { openReceiver, startChain } from './chain.ts'
import { quiet as log } from './quiet.ts'

/** A receiver that refuses everything. */
async function openRefuser(): Promise<string> {
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(400)
    response.end('no')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  afterAll(() => server.close())
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/key-in-the-path`
}

const pods = 'ops.clusters.mycluster.namespaces.n.pods.*.events'

function hooksTo(taker: string, refuser: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'ops-events-ledger-'))
  const specs: Record<string, object> = {
    taken: { type: 'webhook', subject: pods, url: `${taker}/taken`, keywords: { include: ['BackOff'] } },
    refused: { type: 'webhook', subject: pods, url: refuser },
    deduped: {
      type: 'webhook',
      subject: pods,
      url: `${taker}/deduped`,
      dedup: { window: '1h', key: ['data.reason'] },
    },
    suspended: { type: 'webhook', subject: pods, url: `${taker}/suspended`, suspend: true },
    event: { type: 'event', subject: pods, url: 'alerts' },
    quiet: { type: 'webhook', subject: 'ops.clusters.*.nodes.*.events', url: `${taker}/quiet` },
  }
  for (const [name, spec] of Object.entries(specs)) {
    const hook = {
      apiVersion: 'crd.chenshaowen.com/v1',
      kind: 'EventHooks',
      metadata: { name, namespace: 'n' },
      spec,
    }
    writeFileSync(join(dir, `${name}.yaml`), JSON.stringify(hook))
  }
  return dir
}

describe('the ledger of the whole way', async () => {
  const receiver = await openReceiver()
  const chain = await startChain(hooksTo(receiver.url, await openRefuser()), 'current')
  const nats = openNats(chain.nats, 'ledger-test', log)
  await nats.opened
  afterAll(() => nats.close())

  it('balances for each hook and in all, when everything is done', async () => {
    const many = 60
    const posts = Array.from({ length: many }, (_, index) =>
      fetch(`${chain.ingest}/api/v1/namespaces/n/events/pods.web-${index % 5}.events`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${chain.token}` },
        body: JSON.stringify({
          type: 'Kube',
          reason: index % 2 ? 'BackOff' : 'Pulled',
          message: `m${index}`,
        }),
      }),
    )
    expect((await Promise.all(posts)).map(({ status }) => status)).toEqual(posts.map(() => 200))
    const reader = ledgerReader(nats)
    const counted = async () => {
      const { hooks } = await reader.read()
      return Object.fromEntries([...hooks].map(([id, { counts }]) => [id, counts]))
    }
    await vi.waitFor(
      async () =>
        expect(await counted()).toEqual({
          'n/taken': { matched: many / 2, queued: many / 2, delivered: many / 2 },
          'n/refused': { matched: many, queued: many, dead: many },
          'n/deduped': { matched: many, queued: 2, dedup: many - 2, delivered: 2 },
          'n/suspended': { matched: many, suspended: many },
          'n/event': { matched: many, republished: many },
        }),
      { timeout: 60_000, interval: 200 },
    )
    const { counts, hooks, patterns } = await reader.read()
    expect([...(await reader.waiting(hooks.keys())).values()]).toEqual([])
    for (const line of [counts, ...[...hooks.values()].map(({ counts: own }) => own)])
      expect(balance(line, 0)).toEqual({ matched: 0, queued: 0 })
    expect(patterns.get(pods)).toBe(many)
    expect(hooks.get('n/refused')?.lastError?.reason).toContain('400')
    expect(hooks.get('n/refused')?.lastError?.reason).not.toContain('key-in-the-path')
  }, 120_000)
})
