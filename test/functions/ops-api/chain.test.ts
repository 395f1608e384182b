import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, expect, it, vi } from 'vitest'
import { startChain } from '../../chain.ts'
import { Page, Replayed } from './rig.ts'

/** A receiver that has moved away, until it has not. */
let status = 410
const ids: string[] = []
const bodies: string[] = []
const receiver = createServer(async (request, response) => {
  bodies.push(await text(request))
  ids.push(String(request.headers['webhook-id']))
  response.writeHead(status).end()
})
await new Promise<void>(resolve => receiver.listen(0, '127.0.0.1', resolve))
const address = receiver.address()
const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/s3cret-path`

const dir = mkdtempSync(join(tmpdir(), 'ops-events-replay-'))
writeFileSync(
  join(dir, 'hook.yaml'),
  [
    ...['apiVersion: crd.chenshaowen.com/v1', 'kind: EventHooks', 'metadata: {name: a, namespace: shop}'],
    `spec: {type: webhook, subject: "ops.clusters.*.namespaces.shop.>", url: "${url}"}`,
  ].join('\n'),
)
const chain = await startChain(dir, 'current')
afterAll(() => {
  receiver.closeAllConnections()
  receiver.close()
  rmSync(dir, { recursive: true, force: true })
})

const headers = { authorization: `Bearer ${chain.token}`, 'content-type': 'application/json' }
const post = (to: string, body: object) =>
  fetch(to, { method: 'POST', headers, body: JSON.stringify(body) }).then(answer => answer.text())
const letters = async () => {
  const said = await (await fetch(`${chain.api}/api/v1/deadletters?hook=shop/a`, { headers })).text()
  expect(said).not.toContain('s3cret')
  return Page.parse(JSON.parse(said).data).list
}
const replay = async (body: object) =>
  Replayed.parse(JSON.parse(await post(`${chain.api}/api/v1/deadletters/replay`, body)).data)

it('what a receiver refused arrives with its first webhook-id when it is replayed, once for each replay', async () => {
  await post(`${chain.ingest}/api/v1/namespaces/shop/events/pods.p.events`, { message: 'down' })
  const [letter] = await vi.waitFor(
    async () => {
      const found = await letters()
      expect(found).toHaveLength(1)
      return found
    },
    { timeout: 30_000, interval: 50 },
  )
  expect(letter).toMatchObject({ trigger: 'webhook-deliver', reason: expect.stringContaining('410') })
  expect(ids).toHaveLength(1)

  status = 200
  expect((await replay({ hook: 'shop/a', replayId: 'one' })).counts.replayed).toBe(1)
  await vi.waitFor(() => expect(ids).toHaveLength(2), { timeout: 15_000 })
  expect((await replay({ hook: 'shop/a', replayId: 'one' })).counts.already).toBe(1)
  expect((await replay({ hook: 'shop/a', replayId: 'two' })).counts.replayed).toBe(1)
  await vi.waitFor(() => expect(ids).toHaveLength(3), { timeout: 15_000 })
  expect(new Set(ids).size).toBe(1)
  expect((await letters())[0]?.replays?.map(({ id }) => id)).toEqual(['one', 'two'])
}, 60_000)

it('what is silenced over the API is not told, and can be seen', async () => {
  const silences = `${chain.api}/api/v1/silences`
  const until = new Date(Date.now() + 3_600_000).toISOString()
  await post(silences, { namespace: 'shop', name: 'quiet', subject: 'ops.*.*.*.shop.>', until })
  const seen = await vi.waitFor(
    async () => {
      // One that came before the silence was in force is told, as it should be.
      await post(`${chain.ingest}/api/v1/namespaces/shop/events/pods.p.events`, { message: 'down again' })
      const { data } = JSON.parse(await (await fetch(`${silences}/shop/quiet/silenced`, { headers })).text())
      expect(data.list).not.toEqual([])
      return data.list
    },
    { timeout: 20_000, interval: 200 },
  )
  expect(seen[0]).toMatchObject({ hook: 'shop/a' })
  await post(`${chain.ingest}/api/v1/namespaces/shop/events/pods.p.events`, { message: 'and again' })
  await vi.waitFor(async () => {
    const { data } = JSON.parse(await (await fetch(`${silences}/shop/quiet`, { headers })).text())
    expect(data.silenced).toBeGreaterThan(seen.length)
  }, 20_000)
  expect(bodies.filter(body => body.includes('and again'))).toEqual([])
}, 60_000)
