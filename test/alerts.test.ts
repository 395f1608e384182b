import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { ledgerReader } from '../shared/adapters/ledger.ts'
import { openNats } from '../shared/adapters/nats.ts'
import { openReceiver, startChain } from './chain.ts'
import { quiet as log } from './quiet.ts'
import { ownPostgres } from './servers.ts'

const count = 3
const subject = (name: string) => `ops.clusters.mycluster.namespaces.n.pods.${name}.events`

const Groups = z.object({
  data: z.object({ list: z.array(z.object({ key: z.object({ name: z.string() }), occurrences: z.int() })) }),
})
const Found = z.object({
  data: z.object({ list: z.array(z.object({ name: z.string(), occurrences: z.int() })) }),
})

const specs = {
  // Longer than the test takes, so that all of it lies in one window.
  third: { subject: subject('*'), threshold: { count, window: '1h', groupBy: ['data.name'] } },
  recurring: { subject: 'ops.clusters.*.patterns.*.alerts', filters: [{ exact: { 'data.namespace': 'n' } }] },
}

function hooksTo(url: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'ops-events-alerts-'))
  for (const [name, spec] of Object.entries(specs)) {
    const kind = { apiVersion: 'crd.chenshaowen.com/v1', kind: 'EventHooks' }
    const hook = {
      ...kind,
      metadata: { name, namespace: 'n' },
      spec: { ...spec, type: 'webhook', url: `${url}/${name}` },
    }
    writeFileSync(join(dir, `${name}.yaml`), JSON.stringify(hook))
  }
  return dir
}

/** How often a threshold is reached: whatever reaches it empties the window, with what was above it. */
function firesOf(weights: number[]): number {
  let [sum, fires] = [0, 0]
  for (const weight of weights) {
    sum += weight
    if (sum < count) continue
    fires++
    sum = 0
  }
  return fires
}

// By the occurrences of one event after the other. What happened once at a time can be told from the sum alone.
const told: Record<string, number[]> = {
  'one-by-one': [1, 1, 1, 1, 1, 1, 1, 1],
  'too-few': [1, 1],
  'again-the-same': [1, 0, 0, 0, 1, 0],
  'at-once': [3],
  'more-than-enough': [7, 1, 1, 1],
  mixed: [2, 2, 1, 1, 2, 1, 0, 4, 1],
  gone: [1, 1, 0],
}

describe('alerts on what is stored', async () => {
  const [receiver, postgres] = await Promise.all([openReceiver(), ownPostgres()])
  const chain = await startChain(hooksTo(receiver.url), 'current', { postgres: postgres.url })
  const nats = openNats(chain.nats, 'alerts-test', log)
  await nats.opened
  afterAll(() => nats.close())
  const authorization = `Bearer ${chain.token}`

  async function asked<T>(path: string, shape: z.ZodType<T>): Promise<T> {
    const response = await fetch(`${chain.api}${path}`, { headers: { authorization } })
    return shape.parse(await response.json())
  }
  const counted = async () => {
    const { data } = await asked(`/api/v1/aggregate?subject=${subject('*')}&reason=BackOff&by=name`, Groups)
    return Object.fromEntries(data.list.map(({ key, occurrences }) => [key.name, occurrences]))
  }
  const callsOf = (hook: string) => receiver.calls.filter(({ path }) => path === `/${hook}`)
  const fired = () => Map.groupBy(callsOf('third').map(nameOf), name => name)

  it('come as often from a threshold as the counts say', { timeout: 60_000 }, async () => {
    const events = Object.entries(told).flatMap(([name, weights]) =>
      weights.map((occurrences, at) => ({
        ...{ specversion: '1.0', id: `${name}-${at}`, source: 'test', type: 'Kube', subject: subject(name) },
        time: new Date(Date.now() - 60_000 + at).toISOString(),
        data: {
          ...{ type: 'Warning', reason: 'BackOff', kind: 'Pod', namespace: 'n', name, occurrences },
          ...(name === 'gone' && at === 2 && { operation: 'DELETED' }),
        },
      })),
    )
    const headers = { authorization, 'content-type': 'application/cloudevents-batch+json' }
    const posted = await fetch(chain.ingest, { method: 'POST', headers, body: JSON.stringify(events) })
    expect(posted.status).toBe(200)
    const sums = Object.fromEntries(
      Object.entries(told).map(([name, weights]) => [name, weights.reduce((sum, weight) => sum + weight, 0)]),
    )
    await vi.waitFor(async () => expect(await counted()).toEqual(sums), { timeout: 30_000, interval: 200 })
    const reader = ledgerReader(nats)
    const judged = async () => (await reader.read()).hooks.get('n/third')?.counts
    await vi.waitFor(async () => expect((await judged())?.matched).toBe(events.length - 1), {
      ...{ timeout: 30_000, interval: 200 },
    })
    const stored = await asked(`/api/v1/query?subject=${subject('*')}&reason=BackOff&order=asc`, Found)
    const byName = Map.groupBy(stored.data.list, ({ name }) => name)
    const expected = [...byName].map(([name, rows]) => [
      name,
      firesOf(rows.map(({ occurrences }) => occurrences)),
    ])
    await vi.waitFor(
      () => {
        const fires = [...byName.keys()].map(name => [name, fired().get(name)?.length ?? 0])
        expect(fires.sort()).toEqual(expected.sort())
      },
      { timeout: 30_000, interval: 200 },
    )
    const single = ['one-by-one', 'too-few', 'again-the-same', 'at-once']
    expect(single.map(name => fired().get(name)?.length ?? 0)).toEqual(
      single.map(name => Math.floor((sums[name] ?? 0) / count)),
    )
  })

  it('come once from a pattern, which is told as an event, and stored as one', async () => {
    await vi.waitFor(() => expect(callsOf('recurring')).toHaveLength(1), { timeout: 30_000, interval: 100 })
    const { event, text } = Told.parse(JSON.parse(callsOf('recurring')[0]?.body ?? ''))
    expect(event).toMatchObject({
      ...{ type: 'Pattern', subject: 'ops.clusters.mycluster.patterns.backoff-pod-n.alerts' },
      data: { reason: 'BackOff', kind: 'Pod', namespace: 'n', count: expect.any(Number) },
    })
    expect(text).toContain('reason: BackOff \nverdict: ')
    const Patterns = z.object({
      data: z.object({ list: z.array(z.object({ key: z.string(), count: z.int() })) }),
    })
    const { data } = await asked('/api/v1/patterns?namespace=n', Patterns)
    const all = Object.values(told).flat()
    expect(data.list).toEqual([{ key: 'backoff-pod-n', count: all.reduce((sum, weight) => sum + weight, 0) }])
    await vi.waitFor(
      async () => {
        const found = await asked('/api/v1/query?type=Pattern', Found)
        expect(found.data.list).toHaveLength(1)
      },
      { timeout: 30_000, interval: 200 },
    )
  })
})

const Told = z.object({ event: z.looseObject({}), text: z.string() })
const Sent = z.object({ event: z.object({ data: z.object({ name: z.string() }) }) })
const nameOf = ({ body }: { body: string }) => Sent.parse(JSON.parse(body)).event.data.name
