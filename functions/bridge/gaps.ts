/** Messages that went from a stream unseen, between these places in it. */
export type Gap = { events: number; from: number; to: number }

/**
 * Up to where a trigger with a filter has had all that is for it: what a consumer handed out, and, where nothing waits
 * now and nothing did before, all that lay in the stream, which was for others. While something waits, those for others
 * that go with it count as lost too: what is gone tells no more what it was.
 */
export function passedBy() {
  let passed = 0
  let waited = true
  return (delivered: number, { pending, last }: { pending: number; last: number }): number => {
    const before = Math.max(delivered, passed)
    if (pending === 0) passed = Math.max(passed, last)
    const place = waited ? before : Math.max(before, passed)
    waited = pending > 0
    return place
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
