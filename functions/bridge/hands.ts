import type { Pulled } from '../../shared/adapters/pull.ts'
import type { Item } from './item.ts'

/** The events in the hands of a running trigger: leased until they are acknowledged or handed back. */
export type Hands = {
  /** The item of this very message where it is here already: it came again, and only its lease is newer. */
  again(pulled: Pulled, now: number): Item | undefined
  hold(item: Item): void
  size(): number
  /** Of all payloads. */
  bytes(): number
  sizeOf(stream: string): number
  /** How many of a group there are, and the groups of which there are more than so many. */
  sizeOfGroup(group: string): number
  groupsAbove(most: number): string[]
  /** Acknowledges it; false where it is not in our hands any more. */
  release(item: Item): boolean
  /** The same, and acknowledging it is left to the caller. */
  letGo(item: Item): boolean
  /** Hands these back to the server in the order of their streams, where they are still in our hands. */
  handBack(items: Iterable<Item>, delayOf?: (item: Item) => number | undefined): void
  /** Forgets these: they are another's now. */
  forget(items: Iterable<Item>): void
  all(): Iterable<Item>
  /** Extends the leases that are older than this. */
  extend(now: number, older: number): void
}

export function openHands(): Hands {
  // By stream, and there by place.
  const held = new Map<string, Map<number, Item>>()
  const groups = new Map<string, number>()
  let size = 0
  let bytes = 0

  function count(item: Item, change: 1 | -1): void {
    size += change
    bytes += change * item.pulled.payload.length
    if (item.group === '') return
    const members = (groups.get(item.group) ?? 0) + change
    if (members === 0) groups.delete(item.group)
    else groups.set(item.group, members)
  }

  const at = ({ stream, seq }: Pulled) => held.get(stream)?.get(seq)

  function drop(item: Item): boolean {
    if (at(item.pulled) !== item) return false
    held.get(item.pulled.stream)?.delete(item.pulled.seq)
    count(item, -1)
    return true
  }

  const all = () => [...held.values()].flatMap(items => [...items.values()])

  return {
    again(pulled, now) {
      const item = at(pulled)
      // Another time: the stream was made anew, and this is another message.
      if (item?.pulled.stored !== pulled.stored) return undefined
      item.pulled = pulled
      item.leasedAt = now
      return item
    },
    hold(item) {
      const { stream, seq } = item.pulled
      const items = held.get(stream) ?? new Map<number, Item>()
      const gone = items.get(seq)
      if (gone) count(gone, -1)
      count(item, 1)
      held.set(stream, items.set(seq, item))
    },
    size: () => size,
    bytes: () => bytes,
    sizeOf: stream => held.get(stream)?.size ?? 0,
    sizeOfGroup: group => groups.get(group) ?? 0,
    groupsAbove: most => [...groups].filter(([, members]) => members > most).map(([group]) => group),
    release(item) {
      const was = drop(item)
      if (was) item.pulled.ack()
      return was
    },
    letGo: drop,
    handBack(items, delayOf) {
      const inOrder = [...items].sort((one, other) => one.pulled.seq - other.pulled.seq)
      for (const item of inOrder) if (drop(item)) item.pulled.nak(delayOf?.(item))
    },
    forget(items) {
      for (const item of items) drop(item)
    },
    all,
    extend(now, older) {
      for (const item of all()) {
        if (now - item.leasedAt < older) continue
        item.pulled.working()
        item.leasedAt = now
      }
    },
  }
}
