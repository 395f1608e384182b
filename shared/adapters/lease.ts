import type { KV } from '@nats-io/kv'
import type { NatsConnection, Subscription } from '@nats-io/transport-node'
import { type Log, messageOf } from '../log.ts'
import { buckets, leaseSeconds } from '../streams.ts'
import { openBucket, orOvertaken } from './kv.ts'
import type { Nats } from './nats.ts'

/** A share in a lease that one replica holds at a time. */
export type Lease = {
  /** Is it surely ours at this moment? Whatever is for its holder alone asks first. */
  held(): boolean
  /** Gives it to the next at once. */
  stop(): Promise<void>
}

/** Renewed this often; a holder that could not for so long counts itself out before the server does. */
const renewEvery = 1_500
const trustFor = 4_000
const longestGiving = 2_000

/** Who takes part in a lease. */
export type Holder = {
  /** For how many milliseconds after it is out there may still be something of a holder's under way. */
  lingers: number
  /** It is ours; for `unrest` milliseconds there may still be something of a former holder's under way. */
  gained(unrest: number): void
  lost(): void
}

/**
 * Takes part in the lease `name`: an entry in a bucket whose entries lapse. The holder's own clock fences it: after a
 * standstill it is out, whatever the server says later. `me` is one process's alone. After a holder that went politely
 * there is no unrest.
 */
export function openLease(
  nats: Nats,
  name: string,
  me: string,
  holder: Holder,
  log: Log,
  now: () => number = () => performance.now(),
): Lease {
  const { lingers } = holder
  const unrestAfterLapse = Math.max(trustFor + lingers - leaseSeconds * 1000 + 500, 0)
  let revision: number | undefined
  let trustedUntil = 0
  let stopped = false
  let failing = ''
  let timer: NodeJS.Timeout | undefined
  let turning: Promise<void> = Promise.resolve()
  let hearing: Subscription | undefined
  let heard = false

  const held = () => revision !== undefined && now() < trustedUntil

  async function turn(): Promise<void> {
    const nc = nats.up()
    const asked = now()
    if (!held()) letGo()
    // Said once by the connection itself.
    if (!nc) return
    hearing ??= hear(nc)
    try {
      const kv = await openBucket(nc, buckets.leases)
      const had = revision
      const got = had === undefined ? await take(kv) : { revision: await renew(kv, had), unrest: 0 }
      failing = ''
      if (had !== undefined && !held()) letGo()
      if (got?.revision === undefined) return letGo()
      const isNew = revision === undefined
      revision = got.revision
      trustedUntil = asked + trustFor
      if (!isNew || stopped) return
      log.info({ lease: name }, 'Lease taken')
      holder.gained(had === undefined ? got.unrest : lingers)
    } catch (error) {
      const why = messageOf(error)
      if (why !== failing) log.warn({ lease: name, err: why }, 'Cannot renew the lease, trying again')
      failing = why
    }
  }

  async function take(kv: KV): Promise<{ revision: number; unrest: number } | undefined> {
    const entry = await kv.get(name)
    // Ours, from before we counted ourselves out.
    if (entry?.operation === 'PUT' && entry.string() === me) {
      const renewed = await renew(kv, entry.revision)
      return renewed === undefined ? undefined : { revision: renewed, unrest: lingers }
    }
    if (entry?.operation === 'PUT') return undefined
    const made = await orOvertaken(kv.create(name, me))
    return made === undefined ? undefined : { revision: made, unrest: entry ? 0 : unrestAfterLapse }
  }

  /** Undefined: somebody else's entry stands there, the server has counted us out. */
  async function renew(kv: KV, last: number): Promise<number | undefined> {
    const renewed = await orOvertaken(kv.update(name, me, last))
    if (renewed !== undefined) return renewed
    // Or it was our own, whose acknowledgement was lost.
    const entry = await kv.get(name)
    return entry?.operation === 'PUT' && entry.string() === me ? entry.revision : undefined
  }

  function letGo(): void {
    if (revision === undefined) return
    revision = undefined
    trustedUntil = 0
    log.warn({ lease: name }, 'Lease lost')
    holder.lost()
  }

  // That it was given back is heard from whoever does; that it has lapsed, or that nobody let us hear, is looked for.
  function hear(nc: NatsConnection): Subscription {
    return nc.subscribe(`$KV.${buckets.leases}.${name}`, {
      callback(error, message) {
        if (error || message.headers?.get('KV-Operation') !== 'PURGE') return
        heard = true
        if (!timer || stopped || held()) return
        clearTimeout(timer)
        void run()
      },
    })
  }

  async function run(): Promise<void> {
    timer = undefined
    do {
      heard = false
      turning = turn()
      await turning
    } while (heard && !stopped && !held())
    if (!stopped) timer = setTimeout(run, held() ? renewEvery : 500)
  }
  void run()

  async function giveBack(): Promise<void> {
    await turning
    const nc = nats.up()
    const previousSeq = revision
    revision = undefined
    if (previousSeq === undefined || !nc) return
    try {
      const kv = await openBucket(nc, buckets.leases)
      await kv.purge(name, { previousSeq })
    } catch (error) {
      log.warn({ lease: name, err: messageOf(error) }, 'Cannot give the lease back, it will lapse')
    }
  }

  return {
    held,
    async stop() {
      stopped = true
      clearTimeout(timer)
      hearing?.unsubscribe()
      // A server that is away does not take it back, and that is not waited for.
      await Promise.race([giveBack(), new Promise(resolve => setTimeout(resolve, longestGiving).unref())])
    },
  }
}
