import { jetstreamManager } from '@nats-io/jetstream'
import type { Nats } from '../../shared/adapters/nats.ts'
import type { Pulled } from '../../shared/adapters/pull.ts'
import { type Log, messageOf } from '../../shared/log.ts'
import type { Counts } from './metrics.ts'
import type { Trigger } from './triggers.ts'

/** Messages that went from a stream unseen, between these places in it. */
export type Gap = { events: number; from: number; to: number }

/** Watches how far a trigger is behind its stream. */
export type Lag = {
  /** Up to where everything is acknowledged, as last seen; a deleted consumer is made again from there. */
  floor(): number
  /** Takes note of every message that comes: what was skipped between two looks shows only there. */
  saw(pulled: Pulled): void
  stop(): void
}

const every = 5_000

/**
 * Looks at the consumer every 5 s: how much waits, and whether the stream threw away what the trigger had not had
 * (`lost`: each place told once). Only of stream `ops`, which lets its oldest go; in the others what is gone is done.
 */
export function watchLag(
  nats: Nats,
  trigger: Trigger,
  inner: { counts: Counts; lost(gap: Gap): void; log: Log },
): Lag {
  const gaps = gapsOf()
  const whole = trigger.filter.subjects.includes('ops.>')
  let floor = 0

  async function look(): Promise<void> {
    const nc = nats.up()
    if (!nc) return
    try {
      const jsm = await jetstreamManager(nc, { checkAPI: false })
      // In this order: what was delivered since and thrown away then was not lost.
      const { state } = await jsm.streams.info(trigger.stream)
      const consumer = await jsm.consumers.info(trigger.stream, trigger.name)
      floor = Math.max(floor, consumer.ack_floor.stream_seq)
      inner.counts.lag({ pending: consumer.num_pending, ackPending: consumer.num_ack_pending })
      if (trigger.stream !== 'ops') return
      gaps.looked({ first: state.first_seq, delivered: consumer.delivered.stream_seq })
      const gap = gaps.untold()
      if (gap) inner.lost(gap)
    } catch (error) {
      inner.log.warn({ trigger: trigger.name, err: messageOf(error) }, 'Cannot look at the consumer')
    }
  }
  const timer = setInterval(() => void look(), every)
  void look()
  return {
    floor: () => floor,
    saw(pulled) {
      if (whole) gaps.saw(pulled)
    },
    stop: () => clearInterval(timer),
  }
}

/** Adds up what a trigger never saw, each place once. */
export function gapsOf() {
  let untold: Gap | undefined
  let countedUpTo = 0
  let last = { order: Number.NaN, seq: Number.NaN }

  function count(after: number, before: number): void {
    const from = Math.max(after, countedUpTo) + 1
    const to = before - 1
    if (to < from) return
    countedUpTo = to
    untold = { events: (untold?.events ?? 0) + to - from + 1, from: untold?.from ?? from, to }
  }

  return {
    /** A consumer without a filter hands out place after place, unless some are gone; another replica may have them. */
    saw({ order, deliveries, seq }: { order: number; deliveries: number; seq: number }): void {
      // What comes again does not say how far the consumer was: others behind it may be with whoever had it before us.
      if (deliveries === 1 && order === last.order + 1 && !Number.isNaN(last.seq)) count(last.seq, seq)
      last = { order, seq: deliveries === 1 ? seq : last.seq }
    },
    /** What went between the last message that was handed out and the first that is left. */
    looked: ({ first, delivered }: { first: number; delivered: number }): void => count(delivered, first),
    untold(): Gap | undefined {
      const gap = untold
      untold = undefined
      return gap
    },
  }
}
