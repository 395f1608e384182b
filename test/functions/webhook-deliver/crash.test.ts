import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { afterAll, describe, expect, it } from 'vitest'
import { openCircuits } from '../../../functions/webhook-deliver/circuits.ts'
import { deliver, type World } from '../../../functions/webhook-deliver/deliver.ts'
import { openSender } from '../../../shared/adapters/http.ts'
import { openRedis } from '../../../shared/adapters/redis.ts'
import type { Delivery } from '../../../shared/delivery.ts'
import { isObject } from '../../../shared/json.ts'
import { compiledHook } from '../../compiled-hook.ts'
import { quiet as log } from '../../quiet.ts'
import { sharedRedis } from '../../servers.ts'
import { patientStore } from './circuit-store.ts'
import { type Crash, crashesAt, crashing } from './crashing.ts'

const shared = patientStore()
const redis = openRedis(sharedRedis(), log)
const sender = openSender({ timeout: 5_000, connectTimeout: 2_000, connections: 8, mostBytes: 1_000 })

/** What reached the receiver: the id of each request, and of the event in it; it answers with `status`. */
const got: { id: unknown; event: unknown }[] = []
let status = 200
const receiver = createServer(async (request, response) => {
  let body = ''
  for await (const part of request) body += String(part)
  const parsed: unknown = JSON.parse(body)
  const event = isObject(parsed) && isObject(parsed.event) ? parsed.event.id : undefined
  if (status === 200) got.push({ id: request.headers['webhook-id'], event })
  response.writeHead(status).end()
}).listen(0, '127.0.0.1')
await once(receiver, 'listening')
const address = receiver.address()
const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`

afterAll(async () => {
  await Promise.all([redis.close(), sender.close()])
  receiver.closeAllConnections()
  receiver.close()
})

/** A process of the function; with a crash nothing that it asks for is answered any more from there on. */
function start(hookId: string, { crash, ahead = 0 }: { crash?: Crash; ahead?: number } = {}) {
  const { step, crashed, steps } = crashing(crash)
  const store = {
    read: step(shared.read),
    put: step(shared.put),
    forget: step(shared.forget),
    claim: step(shared.claim),
  }
  const now = () => Date.now() + ahead
  const world: World = {
    hooks: step(async () => ({
      revision: 's1',
      hooks: [compiledHook(hookId, { sealed: JSON.stringify({ url, options: {}, additional: '' }) })],
    })),
    open: sealed => sealed,
    urlProblem: () => undefined,
    post: step(sender.post),
    circuits: openCircuits(store, { now, random: () => 0, lease: 200 }),
    sent: step(redis.has),
    remember: step(keys => redis.mark(keys, 60)),
    now,
    publish: () => Promise.reject(new Error('Nothing is ordered here')),
    allowance: async () => undefined,
    timeZone: 'UTC',
    patience: 15_000,
    log,
  }
  return { handle: deliver(world), crashed, steps }
}

/** Three deliveries of a new hook, two of them about one object. */
function batchOf(): { hookId: string; batch: Delivery[] } {
  const hookId = `ops-system/${randomUUID()}`
  const batch = ['a', 'b', 'b'].map((object, at) => ({
    ...{ specversion: '1.0' as const, id: randomUUID(), source: 'https://example.com', type: 'Default' },
    ...{ subject: `ops.${object}.events`, data: { at } },
    ...{ hook: hookId, hookrevision: 'r1', deliveryid: randomUUID() },
  }))
  return { hookId, batch }
}

/** Every event has come, and whatever came of it came under the id of its delivery. */
function expectAll(batch: Delivery[]) {
  for (const { id, deliveryid } of batch) {
    const ids = got.filter(({ event }) => event === id).map(({ id }) => id)
    expect(ids.length).toBeGreaterThan(0)
    expect(new Set(ids)).toEqual(new Set([deliveryid]))
  }
}

/** How many steps it takes when nothing happens, and a crash at each of them, before and after. */
async function crashesOf(prepare: (hookId: string) => Promise<unknown>, ahead = 0): Promise<Crash[]> {
  const { hookId, batch } = batchOf()
  await prepare(hookId)
  const { handle, steps } = start(hookId, { ahead })
  expect(await handle(batch)).toMatchObject([{ kind: 'done' }, { kind: 'done' }, { kind: 'done' }])
  return crashesAt(steps())
}

/** Dies in the middle of a batch, which then comes again to the next process, until it is done. Has it died? */
async function dieAndGoOn(crash: Crash, prepare: (hookId: string) => Promise<unknown>, ahead = 0) {
  const { hookId, batch } = batchOf()
  await prepare(hookId)
  const first = start(hookId, { crash, ahead })
  // Who never answered has acknowledged nothing: the bridge sends all of it again.
  const ended = await Promise.race([first.handle(batch), first.crashed])
  const next = start(hookId, { ahead })
  await expect
    .poll(async () => (await next.handle(batch)).map(({ kind }) => kind), { timeout: 5_000 })
    .toEqual(['done', 'done', 'done'])
  expectAll(batch)
  return ended === 'crashed'
}

async function died(crashes: Crash[], prepare: (hookId: string) => Promise<unknown>, ahead = 0) {
  let count = 0
  for (const crash of crashes) if (await dieAndGoOn(crash, prepare, ahead)) count++
  return count
}

describe('a crash of webhook-deliver', () => {
  it('at any step of a batch loses nothing, and what comes twice has the same webhook-id', async () => {
    const nothing = async () => {}
    const crashes = await crashesOf(nothing)
    // The hooks, what was sent, the circuits, three sends and a note of them, or two notes where it took longer.
    expect(await died(crashes, nothing)).toBeGreaterThanOrEqual(14)
  })

  it('at any step of a probe leaves no circuit open for ever, and loses nothing', async () => {
    /** Opens the circuit, by five failures of an instance of an earlier day. */
    const opened = async (hookId: string) => {
      status = 503
      const { handle } = start(hookId)
      for (let time = 0; time < 2; time++)
        await handle(batchOf().batch.map(one => ({ ...one, hook: hookId })))
      status = 200
    }
    const crashes = await crashesOf(opened, 10_000)
    // One more that claims the probe, and one that closes the circuit.
    expect(await died(crashes, opened, 10_000)).toBeGreaterThanOrEqual(18)
  })
})
