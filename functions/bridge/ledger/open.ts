import type { Registry } from 'prom-client'
import { journalIn } from '../../../shared/adapters/journal.ts'
import { openLease } from '../../../shared/adapters/lease.ts'
import { bookIn, ledgerReader } from '../../../shared/adapters/ledger.ts'
import type { Nats } from '../../../shared/adapters/nats.ts'
import type { Publisher } from '../../../shared/adapters/publisher.ts'
import type { CompiledHook } from '../../../shared/hookset.ts'
import { type Log, messageOf } from '../../../shared/log.ts'
import type { Coverage } from '../coverage.ts'
import type { Item } from '../item.ts'
import type { Trigger } from '../triggers.ts'
import { countedOf, deliveryIn, type End } from './count.ts'
import { type Counting, openCounting } from './counting.ts'
import { ledgerMetrics } from './metrics.ts'
import { postingIn } from './posting.ts'

/** What a running trigger has of the ledger. */
export type Books = {
  /** Notes how an event ended, and acknowledges it as soon as that is counted; then `done`. */
  end(item: Item, end: End, done: () => void): void
  /** Notes that an attempt failed. */
  failed(item: Item, reason: string): void
} & Pick<Counting, 'ended' | 'ready' | 'settled' | 'stop'>

/** What became of events, by hook, counted before they are acknowledged: infra/decisions/0009. */
export type Ledger = {
  /** For a trigger of ours; undefined for others, which say nothing that could be counted. */
  booksOf(trigger: Trigger): Books | undefined
  stop(): Promise<void>
}

export type LedgerWorld = {
  nats: Nats
  publisher: Publisher
  /** Which replica this is. */
  me: string
  newId(): string
  /** Makes what is missing in NATS. */
  prepare(): Promise<void>
  coverage: Pick<Coverage, 'hooks' | 'patternsOf'>
  registry: Registry
  log: Log
}

const postEvery = 2_000
const lookEvery = 10_000
const sweepEvery = 600_000

export function openLedger(world: LedgerWorld): Ledger {
  const { nats, coverage, log } = world
  const journal = journalIn(nats, world.publisher.publish, world.newId)
  const book = bookIn(nats)
  const reader = ledgerReader(nats, book)
  const { post, sweep } = postingIn({ journal, book })
  const metrics = ledgerMetrics(world.registry, coverage.hooks)
  let turning: Promise<void> | undefined
  let next = { look: 0, sweep: 0 }
  let failing = ''

  // Each replica could post, and one that does is enough.
  const lease = openLease(nats, 'ledger.posting', world.me, { lingers: 0, gained() {}, lost: notOurs }, log)

  function notOurs(): void {
    metrics.waiting(undefined)
    next = { look: 0, sweep: 0 }
  }

  async function turn(): Promise<void> {
    if (!lease.held()) return
    try {
      const { lost } = await post()
      if (lost > 0) log.error({ lost }, 'The journal threw away entries that were not in the ledger yet')
      await lookAfter(Date.now(), coverage.hooks())
      failing = ''
    } catch (error) {
      const why = messageOf(error)
      if (why !== failing) log.warn({ err: why }, 'Cannot bring the ledger up to date, trying again')
      failing = why
    }
  }

  async function lookAfter(now: number, hooks: CompiledHook[] | undefined): Promise<void> {
    if (!hooks) return
    if (now >= next.look) {
      metrics.waiting(await reader.waiting(hooks.map(({ id }) => id)))
      next.look = now + lookEvery
    }
    if (now >= next.sweep) {
      const inForce = new Set(hooks.flatMap(({ id, subject }) => [id, subject]))
      await sweep(name => inForce.has(name), now)
      next.sweep = now + sweepEvery
    }
  }

  const posting = setInterval(() => {
    turning ??= turn().finally(() => {
      turning = undefined
    })
  }, postEvery)

  return {
    booksOf(trigger) {
      if (!trigger.own) return undefined
      const counting = openCounting(trigger.name, {
        ...{ journal, prepare: world.prepare, log },
        wrote: metrics.counted,
        uncounted: metrics.uncounted,
        now: () => performance.now(),
        wall: Date.now,
      })
      return {
        ...counting,
        end(item, end, done) {
          const counted = countedOf(trigger, item, end, coverage.patternsOf)
          if (counted) return counting.end(item.pulled, counted, done)
          item.pulled.ack()
          done()
        },
        failed(item, reason) {
          if (trigger.stream === 'deliveries') counting.failed(deliveryIn(item).hook, reason)
        },
      }
    },
    async stop() {
      clearInterval(posting)
      const last = Promise.resolve(turning).then(turn)
      await Promise.race([last, new Promise(resolve => setTimeout(resolve, longestPosting).unref())])
      await lease.stop()
    },
  }
}

/** A server that is away is not waited for: whoever comes next posts it. */
const longestPosting = 2_000
