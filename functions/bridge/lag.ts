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
      const { stream_seq: delivered, consumer_seq: order } = consumer.delivered
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

/** A message that a consumer handed out: as which of all, how often by now, and its place in the stream. */
type Handed = { order: number; deliveries: number; seq: number }

/** Adds up what a trigger never saw, each place once. */
export function gapsOf() {
  let untold: Gap | undefined
  // Without overlaps; what is told late of an older place finds there what was told of it.
  let counted: Places[] = []
  // The latest message that came, and where the consumer was when it was looked at: what was handed out as which.
  let last = nowhere
  let looked = nowhere

  function count(after: number, before: number): void {
    if (before - after <= 1) return
    const news = counted.reduce(
      (pieces, told) => pieces.flatMap(piece => without(piece, told)),
      [{ from: after + 1, to: before - 1 }],
    )
    for (const { from, to } of news)
      untold = {
        events: (untold?.events ?? 0) + to - from + 1,
        from: Math.min(untold?.from ?? from, from),
        to: Math.max(untold?.to ?? to, to),
      }
    counted = [...counted, ...news].slice(-mostCounted)
  }

  return {
    /** A consumer without a filter hands out place after place, unless some are gone; another replica may have them. */
    saw({ order, deliveries, seq }: Handed): void {
      const before = [last, looked].find(at => order === at.order + 1 && !Number.isNaN(at.seq))?.seq
      // What comes again does not say how far the consumer was: others behind it may be with whoever had it before us.
      if (deliveries === 1 && before !== undefined) count(before, seq)
      last = { order, seq: deliveries === 1 ? seq : (before ?? Number.NaN) }
    },
    /** What went between the last message that was handed out, as which of all, and the first that is left. */
    looked({ first, delivered, order }: { first: number; delivered: number; order: number }): void {
      count(delivered, first)
      looked = { order, seq: delivered }
    },
    untold(): Gap | undefined {
      const gap = untold
      untold = undefined
      return gap
    },
  }
}

/** From the first to the last of them. */
type Places = { from: number; to: number }

const without = ({ from, to }: Places, other: Places): Places[] =>
  [
    { from, to: Math.min(to, other.from - 1) },
    { from: Math.max(from, other.to + 1), to },
  ].filter(piece => piece.from <= piece.to)

const nowhere = { order: Number.NaN, seq: Number.NaN }
/** Only messages that are on their way yet can tell of older places. */
const mostCounted = 64
