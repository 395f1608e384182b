import type { Pulled } from '../../shared/adapters/pull.ts'
import type { Item } from './item.ts'

/** The events in the hands of a running trigger: leased until they are acknowledged or handed back. */
export type Hands = {
  /** The item of this very message where it is here already: it came again, and only its lease is newer. */
  again(pulled: Pulled, now: number): Item | undefined
  hold(item: Item): void
  size(): number
  sizeOf(stream: string): number
  /** Acknowledges it; false where it is not in our hands any more. */
  release(item: Item): boolean
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
  let size = 0

  const at = ({ stream, seq }: Pulled) => held.get(stream)?.get(seq)

  function drop(item: Item): boolean {
    if (at(item.pulled) !== item) return false
    held.get(item.pulled.stream)?.delete(item.pulled.seq)
    size--
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
      if (!items.has(seq)) size++
      held.set(stream, items.set(seq, item))
    },
    size: () => size,
    sizeOf: stream => held.get(stream)?.size ?? 0,
    release(item) {
      const was = drop(item)
      if (was) item.pulled.ack()
      return was
    },
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
