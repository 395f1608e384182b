import { setTimeout as pause } from 'node:timers/promises'
import { Pool } from 'undici'
import { enter } from './ledger.ts'

/** What the poster needs: where to, how many at which rate, and how long one event is tried. */
export type Posting = {
  ingest: string
  token: string
  ledger: string
  events: number
  /** A second. */
  rate: number
  patience: number
  /** Ends it before all are posted. */
  enough?: AbortSignal
}

/** Which events match the hooks, and what they are about: every second one, twenty nodes in turn. */
export const matches = (n: number) => n % 2 === 0
const node = (n: number) => `node-${n % 20}.example`

/**
 * Posts as a careful caller does: at a steady rate, each with an Idempotency-Key, again until it is answered 200 or
 * its time is up, and writes down which of the two it was.
 */
export async function post(posting: Posting): Promise<void> {
  const pool = new Pool(posting.ingest, { connections: 64 })
  const started = performance.now()
  const all: Promise<void>[] = []
  for (let n = 0; n < posting.events && !posting.enough?.aborted; n++) {
    const due = started + (n / posting.rate) * 1000
    const wait = due - performance.now()
    if (wait > 1) await pause(wait)
    all.push(one(pool, posting, n))
  }
  await Promise.all(all)
  await pool.close()
}

async function one(pool: Pool, { token, ledger, patience }: Posting, n: number): Promise<void> {
  const body = JSON.stringify({
    n,
    message: matches(n) ? 'NodeNotReady: kubelet stopped posting status' : 'all is well',
  })
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'idempotency-key': `event-${n}`,
  }
  const path = `/api/v1/namespaces/ops-system/events/nodes.${node(n)}.events`
  const at = Date.now()
  const until = performance.now() + patience
  let tries = 0
  while (performance.now() < until) {
    tries++
    const status = await attempt(pool, { path, headers, body })
    if (status === 200) return enter(ledger, { n, matches: matches(n), accepted: true, at, tries })
    await pause(200 + (n % 100))
  }
  enter(ledger, { n, matches: matches(n), accepted: false, at, tries })
}

async function attempt(
  pool: Pool,
  request: { path: string; headers: Record<string, string>; body: string },
): Promise<number> {
  try {
    const answered = await pool.request({ ...request, method: 'POST', headersTimeout: 10_000 })
    await answered.body.dump()
    return answered.statusCode
  } catch {
    // Killed under our hands: whether it was taken nobody can say, so it is posted again with its key.
    return 0
  }
}
