import type { Item } from './item.ts'

/**
 * What waits for its turn at one sink. A strand is what has to be sent one request after the other: an object's
 * events, or a hook's deliveries. Items without a strand wait for nobody.
 */
export type Queue = {
  /** Behind the others of its strand, but before those that came after it in their stream: it may have come again. */
  add(item: Item): void
  /** Before the others of its strand, in the order given, and those wait too until `notBefore` where that is given. */
  putBack(items: Item[], notBefore?: number): void
  /** The next request's events, whose strands are closed until `release`; none when nothing may go now. */
  take(now: number): Item[]
  release(items: Item[]): void
  /** Takes out what is last in a strand, in its order; so many stay. */
  cut(strand: string, stay: number): Item[]
  /** When the next strand that waits for a time may go; undefined when none does. */
  nextAt(now: number): number | undefined
  all(): Iterable<Item>
  size(): number
  /** How many wake nobody and wait for others to go along with. */
  quiet(): number
  waitingIn(strand: string): number
}

type Strand = { items: Item[]; open: boolean; notBefore: number }
/** A request that is being filled; `most`: how many it may hold, by what is in it already. */
type Load = { items: Item[]; bytes: number; most: number }

/** A request holds less than NATS' payload and the functions' body limits, whatever the events. */
const mostBytes = 1024 * 1024

export function queueOf(how: {
  batch: number
  /** May events of several strands share a request? */
  mixed: boolean
  strandOf(item: Item): string
  /** Does this event wake nobody, and go along with the next request or right behind it? */
  quiet?(item: Item): boolean
  /** So many of them are sent all the same, before they fill the bridge. */
  mostQuiet?: number
}): Queue {
  const strands = new Map<string, Strand>()
  // Strands that have something, in order of their turn; those before `head` have had it. A name may stand here that
  // is closed or gone by now, or twice: it is passed over.
  let turns: string[] = []
  let head = 0
  // Strands that wait for a time, of which there are few: nobody looks through all the others for them.
  const early = new Set<string>()
  let quiet: Item[] = []
  let awake = false
  const { mostQuiet = 100 } = how
  // One request at a time carries quiet events, so that they keep their order too.
  const quietOut = new Set<Item>()
  let size = 0

  function strandAt(name: string): Strand {
    const known = strands.get(name)
    if (known) return known
    const made = { items: [], open: true, notBefore: 0 }
    strands.set(name, made)
    turns.push(name)
    return made
  }

  function collect(strand: Strand, load: Load): void {
    const [first] = strand.items
    let taken = 0
    for (const item of strand.items) {
      const { length } = load.items
      const fits = length === 0 || load.bytes + item.pulled.payload.length <= mostBytes
      const alien = !how.mixed && item.group !== first?.group
      if (length >= Math.min(load.most, item.most) || !fits || alien) break
      load.items.push(item)
      load.bytes += item.pulled.payload.length
      load.most = Math.min(load.most, item.most)
      taken++
    }
    strand.items.splice(0, taken)
  }

  function takeQuiet({ items: batch, bytes, most }: Load): void {
    if (quietOut.size > 0) return
    const least = how.mixed ? most : 1
    let sum = bytes
    let taken = 0
    for (const { pulled } of quiet.slice(0, Math.max(least - batch.length, 0))) {
      sum += pulled.payload.length
      if (sum > mostBytes && batch.length + taken > 0) break
      taken++
    }
    for (const item of quiet.splice(0, taken)) {
      quietOut.add(item)
      batch.push(item)
    }
  }

  /** What is quiet and of this strand goes behind what failed before it, which has lost its quiet. */
  function unquiet(name: string, strand: Strand): void {
    if (name === '' || quiet.length === 0) return
    strand.items.push(...quiet.filter(item => how.strandOf(item) === name))
    quiet = quiet.filter(item => how.strandOf(item) !== name)
  }

  function ripen(now: number): void {
    for (const name of early) {
      const strand = strands.get(name)
      if (strand && strand.notBefore > now) continue
      early.delete(name)
      if (strand) turns.push(name)
    }
  }

  return {
    add(item) {
      size++
      const name = how.strandOf(item)
      if (how.quiet?.(item) && !(name && strands.has(name))) quiet.push(item)
      else insert(strandAt(name).items, item)
    },
    putBack(items, notBefore = 0) {
      const byStrand = Map.groupBy(items, item => how.strandOf(item))
      for (const [name, members] of byStrand) {
        const strand = strandAt(name)
        strand.items.unshift(...members)
        unquiet(name, strand)
        strand.notBefore = Math.max(strand.notBefore, notBefore)
        if (strand.notBefore > 0) early.add(name)
      }
      size += items.length
    },
    take(now) {
      const load: Load = { items: [], bytes: 0, most: how.batch }
      const batch = load.items
      ripen(now)
      for (; head < turns.length; head++) {
        const name = turns[head] ?? ''
        const strand = strands.get(name)
        // What is early gets its turn when it has ripened.
        if (!strand?.open || strand.notBefore > now) continue
        const before = batch.length
        collect(strand, load)
        if (batch.length === before) break
        // The strand without a name is nobody's: its next events need not wait for these.
        if (name === '') {
          if (strand.items.length > 0) break
          strands.delete(name)
        } else strand.open = false
        if (!how.mixed || batch.length >= how.batch) {
          head++
          break
        }
      }
      if (head > 1000 && head > turns.length / 2) {
        turns = turns.slice(head)
        head = 0
      }
      if (batch.length > 0) awake = true
      if (awake || quiet.length >= mostQuiet) takeQuiet(load)
      if (quiet.length === 0) awake = false
      size -= batch.length
      return batch
    },
    release(items) {
      for (const item of items) quietOut.delete(item)
      for (const name of new Set(items.map(item => how.strandOf(item)))) {
        const strand = strands.get(name)
        if (!strand || strand.open) continue
        strand.open = true
        if (strand.items.length > 0) turns.push(name)
        else strands.delete(name)
      }
    },
    cut(name, stay) {
      const strand = strands.get(name)
      const cut = strand?.items.splice(Math.max(stay, 0)) ?? []
      if (strand?.open && strand.items.length === 0) strands.delete(name)
      size -= cut.length
      return cut
    },
    nextAt(now) {
      let next: number | undefined
      for (const name of early) {
        const at = strands.get(name)?.notBefore ?? 0
        if (at > now && (next === undefined || at < next)) next = at
      }
      return next
    },
    *all() {
      yield* quiet
      for (const strand of strands.values()) yield* strand.items
    },
    size: () => size,
    quiet: () => quiet.length,
    waitingIn: strand => strands.get(strand)?.items.length ?? 0,
  }
}

function insert(items: Item[], item: Item): void {
  const { stream, seq } = item.pulled
  let at = items.length
  for (; at > 0; at--) {
    const before = items[at - 1]?.pulled
    if (before?.stream !== stream || before.seq <= seq) break
  }
  items.splice(at, 0, item)
}
