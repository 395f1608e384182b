import type { Pulled } from '../../../shared/adapters/pull.ts'
import type { Entry, Places } from '../../../shared/ledger.ts'

/** Which message of which stream. */
export type Place = Pick<Pulled, 'stream' | 'seq' | 'stored'>

/** The messages that were counted lately, whoever counted them. */
export type CountedPlaces = {
  has(place: Place): boolean
  /** Takes note of an entry of the journal. */
  add(entry: Pick<Entry, 'at' | 'places'>): void
}

/**
 * For how long it is remembered at least, measured by the entries behind it: what was counted last before everything stood
 * still is known when it goes on. An acknowledgement that is lost was made moments before that.
 */
export const remembered = 60_000

export function countedPlaces(): CountedPlaces {
  let known: Pick<Entry, 'at' | 'places'>[] = []
  const highest = new Map<string, number>()
  let newest = 0

  return {
    has(place) {
      // Nearly all that comes is new, and behind everything that was counted.
      if (place.seq > (highest.get(place.stream) ?? 0)) return false
      return known.some(({ places }) => isIn(places[place.stream], place))
    },
    add(entry) {
      newest = Math.max(newest, entry.at)
      known.push({ at: entry.at, places: entry.places })
      if ((known[0]?.at ?? newest) < newest - 2 * remembered)
        known = known.filter(({ at }) => at >= newest - remembered)
      for (const [stream, { ranges }] of Object.entries(entry.places))
        highest.set(stream, Math.max(highest.get(stream) ?? 0, ranges.at(-1) ?? 0))
    },
  }
}

function isIn(places: Places | undefined, { seq, stored }: Place): boolean {
  if (!places || stored < places.from || stored > places.to) return false
  const { ranges } = places
  for (let at = 0; at < ranges.length; at += 2)
    if (seq >= (ranges[at] ?? Infinity) && seq <= (ranges[at + 1] ?? 0)) return true
  return false
}

/** Places as an entry holds them. */
export function placesOf(places: Place[]): Entry['places'] {
  const byStream = [...Map.groupBy(places, ({ stream }) => stream)]
  return Object.fromEntries(
    byStream.map(([stream, members]) => {
      const times = members.map(({ stored }) => stored)
      const ranges = rangesOf(members.map(({ seq }) => seq))
      return [stream, { ranges, from: Math.min(...times), to: Math.max(...times) }]
    }),
  )
}

function rangesOf(seqs: number[]): number[] {
  const ranges: number[] = []
  for (const seq of seqs.toSorted((one, other) => one - other)) {
    const last = ranges.at(-1)
    if (last === seq || last === seq - 1) ranges[ranges.length - 1] = seq
    else ranges.push(seq, seq)
  }
  return ranges
}
