import { managerOf } from '../../shared/adapters/jetstream.ts'
import type { Nats } from '../../shared/adapters/nats.ts'
import type { Pulled } from '../../shared/adapters/pull.ts'
import { type Log, messageOf } from '../../shared/log.ts'
import { type Gap, gapsOf, passedBy } from './gaps.ts'
import type { Counts } from './metrics.ts'
import type { Trigger } from './triggers.ts'

/** Watches how far a trigger is behind its stream. */
export type Lag = {
  /** Resolves when it has looked once: what is handed out from then on can be told from what went before. */
  ready: Promise<void>
  /** Up to where everything is acknowledged, as last seen; a deleted consumer is made again from there. */
  floor(): number
  /** Takes note of every message that comes: what was skipped between two looks shows only there. */
  saw(pulled: Pulled): void
  stop(): void
}

/**
 * Looks at the consumer every `every` ms: how much waits, and whether the stream threw away what the trigger had not had
 * (`lost`: each place told once). Only of stream `ops`, which lets its oldest go; in the others what is gone is done.
 */
export function watchLag(
  nats: Nats,
  trigger: Trigger,
  inner: { counts: Counts; lost(gap: Gap): void; log: Log },
  every = 5_000,
): Lag {
  const gaps = gapsOf()
  const whole = trigger.filter.subjects.includes('ops.>')
  const passed = passedBy()
  let floor = 0

  async function look(): Promise<void> {
    const nc = nats.up()
    if (!nc) return
    try {
      const jsm = await managerOf(nc)
      // In this order: what was delivered since and thrown away then was not lost.
      const { state } = await jsm.streams.info(trigger.stream)
      const consumer = await jsm.consumers.info(trigger.stream, trigger.name)
      floor = Math.max(floor, consumer.ack_floor.stream_seq)
      inner.counts.lag({ pending: consumer.num_pending, ackPending: consumer.num_ack_pending })
      if (trigger.stream !== 'ops') return
      const { stream_seq, consumer_seq: order } = consumer.delivered
      const delivered = whole
        ? stream_seq
        : passed(stream_seq, { pending: consumer.num_pending, last: state.last_seq })
      gaps.looked({ first: state.first_seq, delivered, order })
      const gap = gaps.untold()
      if (gap) inner.lost(gap)
    } catch (error) {
      inner.log.warn({ trigger: trigger.name, err: messageOf(error) }, 'Cannot look at the consumer')
    }
  }
  const timer = setInterval(() => void look(), every)
  return {
    ready: look(),
    floor: () => floor,
    saw(pulled) {
      if (whole) gaps.saw(pulled)
    },
    stop: () => clearInterval(timer),
  }
}
