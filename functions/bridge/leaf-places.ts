/** A place in the stream of a leaf cluster; `source` is how NATS tells sources apart. */
export type LeafPlace = { source: string; seq: number }

/** What a leaf cluster's stream does not hold any more and ours never had, from the first to the last of them. */
export type LeafGap = LeafPlace & { to: number }

/** How far all is seen: in our stream, and in that of each source. */
export type Seen = { upTo: number; places: Record<string, number> }

/** Where a message lay before it was taken over: `ops:JE7QNXai 5`, and since 2.10 more behind that (`Nats-Stream-Source`). */
export function placeOf(header: string): LeafPlace | undefined {
  const [source, place] = header.split(' ')
  const seq = Number(place)
  return source && Number.isInteger(seq) && seq > 0 ? { source, seq } : undefined
}

/** Goes through our stream, message by message, and finds what is missing of each source between two of them. */
export function leafPlaces(before: Seen = { upTo: 0, places: {} }) {
  let upTo = before.upTo
  let places = new Map(Object.entries(before.places))

  return {
    /** Takes the message at place `at` of our stream. */
    saw(at: number, place: LeafPlace | undefined): LeafGap | undefined {
      // Ours went on unseen: of what is missing nobody can say any more whether it was here.
      if (at !== upTo + 1) places = new Map()
      upTo = at
      if (!place) return undefined
      const { source, seq } = place
      const last = places.get(source)
      places.set(source, seq)
      // Further back: the stream there was made anew, or is taken over once more from its beginning.
      if (last === undefined || seq <= last + 1) return undefined
      return { source, seq: last + 1, to: seq - 1 }
    },
    seen: (): Seen => ({ upTo, places: Object.fromEntries(places) }),
  }
}

/**
 * How many of a gap are lost, where the stream there begins with `first`: what it still holds is here under another place,
 * since it was stored there twice. Without an answer from there it is all of them.
 */
export const lostOf = ({ seq, to }: LeafGap, first: number | undefined): number =>
  Math.max(Math.min(to, (first ?? Number.POSITIVE_INFINITY) - 1) - seq + 1, 0)
