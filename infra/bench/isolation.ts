import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { revisionOf } from '../../shared/adapters/hooks.ts'
import { type Delivery, deliverySubject } from '../../shared/delivery.ts'
import type { CompiledHook } from '../../shared/hookset.ts'
import { sealWith } from '../../shared/seal.ts'
import type { Bench } from './bench.ts'
import { clock } from './clock.ts'
import { meter } from './cpu.ts'
import { atRest, empty, publish } from './drain.ts'
import { hooksOf } from './hooks.ts'
import { kinds, type Load } from './load.ts'
import { atPace } from './paced.ts'
import { thousands } from './result.ts'
import { interleaved, type Sample } from './rounds.ts'
import { judged, type Row } from './row.ts'
import { openStand, type Stand, secrets } from './stand.ts'
import { median, percentile } from './stats.ts'

/** Each time so many, and one more that is well or not; it is another one each time, for what failed is remembered. */
const others = 19
/** Deliveries a second, to all of them together. */
const rate = 500
const seconds = 6
/** After so many milliseconds a hanging receiver's time is up: short, so that twice of it is a part of a round. */
const timeout = 3_000
const longestWait = 60_000

type Way = 'well' | 'hangs' | 'fails'
type Phase = Sample & { latencies: number[] }

/** What nineteen receivers notice when another one is sick: it hangs until its time is up, or answers 503. */
export const isolation: Bench = async effort => {
  const stand = await openStand()
  const rounds = Math.ceil(effort.rounds * 0.6)
  try {
    const receivers = await openReceivers(stand, { spare: 3 * (rounds + 1) })
    const phase = (is: Way) => () => phaseOf(stand, receivers, { is, time: seconds * Math.sqrt(effort.size) })
    const samples = await interleaved(
      { well: phase('well'), hangs: phase('hangs'), fails: phase('fails') },
      { ...effort, rounds },
    )
    const well = p99Of(samples.well)
    const named = Object.entries(samples)
    return {
      rows: named.map(([is, each]) => rowOf(is, p99Of(each), well)),
      notes: named.map(([is, each]) => noteOf(is, each)),
    }
  } finally {
    await stand.close()
  }
}

// The median of the rounds: one that the machine spoilt does not decide.
const p99Of = (phases: Phase[]) => median(phases.map(({ latencies }) => percentile(latencies, 0.99)))

function rowOf(is: string, value: number, well: number): Row {
  const row = { name: `isolation-${is} p99`, value, unit: 'ms', against: 'all well', ratio: value / well }
  return is === 'well' ? row : judged(row, { atMost: 1.5 })
}

function noteOf(is: string, phases: Phase[]): string {
  const all = phases.flatMap(({ latencies }) => latencies)
  const [p50, p99, most] = [0.5, 0.99, 1].map(share => thousands(percentile(all, share)))
  const each = phases.map(({ latencies }) => thousands(percentile(latencies, 0.99))).join(', ')
  const what = `the other one ${is === 'well' ? 'is well' : is}: ${others} receivers' ${thousands(all.length)} deliveries`
  return `${what} of ${rate}/s, p50 ${p50} ms, p99 ${p99} ms (by round ${each}), most ${most} ms`
}

/** The product's own way from the bus to receivers with a hook each. */
async function openReceivers(stand: Stand, { spare }: { spare: number }) {
  const many = others + spare
  const control = await stand.print('receivers', 'infra/bench/receivers.ts', {}, [String(many)])
  const ask = async (path: string, init?: RequestInit): Promise<unknown> =>
    (await fetch(`${control}${path}`, init)).json()
  const urls = z.array(z.string()).parse(await ask('/urls'))
  const { close } = sealWith(secrets.seal)
  const made = hooksOf(many, 'often', { url: control, key: secrets.seal }).hooks
  const hooks = made.map((hook, at) => {
    const to = { url: `${urls[at]}/`, options: {}, additional: '' }
    return { ...hook, sealed: close(JSON.stringify(to), hook.id) }
  })
  await stand.putInForce({ revision: revisionOf(hooks), hooks })
  const deliver = await stand.door('webhook-deliver', { DELIVER_TIMEOUT: String(timeout) })
  await stand.door('bridge', { WEBHOOK_DELIVER_URL: deliver.url })
  const Arrivals = z.array(z.tuple([z.string(), z.number()]))
  let next = others
  return {
    steady: hooks.slice(0, others),
    /** One that was never used, and is like this until `heal`. */
    async another(is: Way) {
      const at = next++
      const become = (way: Way) => ask(`/way?at=${at}&is=${way}`, { method: 'POST' })
      await become(is)
      return { hook: hooks.slice(at, at + 1), heal: () => become('well') }
    },
    ledger: async () => Arrivals.parse(await ask('/ledger')),
  }
}

type Receivers = Awaited<ReturnType<typeof openReceivers>>

async function phaseOf(
  stand: Stand,
  { steady, another, ledger }: Receivers,
  { is, time }: { is: Way; time: number },
): Promise<Phase> {
  const { hook, heal } = await another(is)
  const hooks = [...steady, ...hook]
  const loads = Array.from({ length: Math.round(rate * time) }, (_, index) => deliveryOf(hooks, index))
  const sentAt = new Map<string, number>()
  const stop = meter(stand.pids())
  await atPace(loads, rate, ({ load }) => {
    sentAt.set(load.id, clock())
    return publish(stand, load)
  })
  const ids = loads.filter(({ hook }) => steady.includes(hook)).map(({ load }) => load.id)
  const arrivals = await untilThere(ids, ledger)
  const used = stop()
  await heal()
  await atRest(stand, ['deliveries'])
  await empty(stand, ['retries'])
  const latencies = ids.map(id => (arrivals.get(id) ?? Number.NaN) - (sentAt.get(id) ?? Number.NaN))
  return { ...used, events: loads.length, latencies }
}

/** When each of them came first. */
async function untilThere(ids: string[], ledger: Receivers['ledger']): Promise<Map<string, number>> {
  const arrivals = new Map<string, number>()
  const end = performance.now() + longestWait
  for (;;) {
    for (const [id, at] of await ledger()) if (!arrivals.has(id)) arrivals.set(id, at)
    const missing = ids.filter(id => !arrivals.has(id))
    if (missing.length === 0) return arrivals
    if (performance.now() > end) {
      throw new Error(
        `Of ${ids.length} deliveries ${missing.length} had not come after ${longestWait / 1000} s`,
      )
    }
    await pause(100)
  }
}

function deliveryOf(hooks: CompiledHook[], index: number): { hook: CompiledHook; load: Load } {
  const hook = hooks[index % hooks.length]
  const kind = index % kinds.length
  const event = kinds[kind]
  if (!hook || !event) throw new RangeError('There are no hooks or no events')
  const id = randomUUID()
  const delivery: Delivery = { ...event, id, hook: hook.id, hookrevision: hook.revision, deliveryid: id }
  return { hook, load: { id, kind, subject: deliverySubject(hook), payload: JSON.stringify(delivery) } }
}
