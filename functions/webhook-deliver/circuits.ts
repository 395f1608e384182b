import { inWords } from '../../shared/duration.ts'
import { jsonAs } from '../../shared/json.ts'
import { afterFailure, Circuit, closed, stateOf } from './circuit.ts'

/** What all instances share of circuits, where there is something to share them with. */
export type CircuitStore = {
  /** The values in the order of the keys; undefined where they cannot be had. */
  read(keys: string[]): Promise<(string | undefined)[] | undefined>
  put(entries: [key: string, value: string][], seconds: number): Promise<unknown>
  forget(key: string): Promise<unknown>
  /** Was the key free, and is now taken for so long? Undefined where nobody can tell. */
  claim(key: string, milliseconds: number): Promise<boolean | undefined>
}

/** How a request went. `nothing`: it was not made, or says nothing about its receiver. */
export type Went = 'answered' | 'nothing' | { late: boolean; after?: number | undefined }

/** Leave to send one request, to be given back; or why not, and when to ask again, in milliseconds. */
export type Entry = { leave(went: Went): Promise<void> } | { why: string; after: number }

export type Circuits = {
  /** Learns what other instances know of these circuits. */
  learn(keys: string[]): Promise<void>
  enter(key: string): Promise<Entry>
}

type Slot = {
  circuit: Circuit
  /** Whether it has answered since it last failed. */
  answers: boolean
  /** Requests on their way, and who waits for one of them. */
  flying: number
  waiting: (() => void)[]
  /** Somebody has waited in vain, and nothing has come back since. */
  vain: boolean
  changes: number
}

/** At once to a receiver of which nothing is known yet, or nothing good; and to one that answers. */
const mostUnproven = 2
const mostProven = 32
const mostSlots = 4_096
const remembered = 900

/**
 * The circuits of this instance. Without the store they are closed as far as this instance knows. `lease`: for how
 * long one probe keeps all others out, should it never come back; `wait`: for how long one waits for what a receiver
 * says to those before, in milliseconds.
 */
export function openCircuits(
  store: CircuitStore,
  { now, random, lease, wait = 1_000 }: { now(): number; random(): number; lease: number; wait?: number },
): Circuits {
  const slots = new Map<string, Slot>()

  function slotOf(key: string): Slot {
    const known = slots.get(key)
    if (known) return known
    const slot = { circuit: closed, answers: false, flying: 0, waiting: [], vain: false, changes: 0 }
    slots.set(key, slot)
    for (const [old, { flying, waiting }] of slots) {
      if (slots.size <= mostSlots) break
      if (flying === 0 && waiting.length === 0) slots.delete(old)
    }
    return slot
  }

  function change(slot: Slot, circuit: Circuit): void {
    slot.circuit = circuit
    slot.changes++
  }

  /** False where one that went before has not come back in time. */
  async function turn(slot: Slot): Promise<boolean> {
    if (slot.vain) return false
    const { promise, resolve } = Promise.withResolvers<boolean>()
    slot.waiting.push(() => resolve(true))
    const timer = setTimeout(() => resolve(false), wait)
    const came = await promise
    clearTimeout(timer)
    if (!came) slot.vain = true
    return came
  }

  function wake(slot: Slot): void {
    slot.vain = false
    for (const go of slot.waiting.splice(0)) go()
  }

  async function probe(key: string, slot: Slot): Promise<Entry> {
    slot.flying++
    // Each opening has a key of its own: what a probe leaves behind is never in the way of a later one.
    const claimed = await store.claim(`${key}:probe:${slot.circuit.until}`, lease)
    if (claimed !== false) return entryOf(key, slot)
    slot.flying--
    wake(slot)
    return { why: 'has failed again and again and is being tried elsewhere', after: 5_000 }
  }

  function entryOf(key: string, slot: Slot): Entry {
    const { until } = slot.circuit
    return {
      async leave(went) {
        slot.flying--
        // What began before the circuit changed says nothing about it any more.
        const stale = slot.circuit.until !== until
        let told: Promise<unknown> | undefined
        if (went === 'answered' && !stale) told = close(key, slot)
        else if (typeof went === 'object') told = fail(key, slot, stale ? { ...went, stale } : went)
        wake(slot)
        await told
      },
    }
  }

  async function close(key: string, slot: Slot): Promise<void> {
    const { opened } = slot.circuit
    slot.answers = true
    if (slot.circuit !== closed) change(slot, closed)
    if (opened > 0) await store.forget(key)
  }

  async function fail(key: string, slot: Slot, went: Exclude<Went, string> & { stale?: true }) {
    if (went.stale && !went.after) return
    slot.answers = false
    const before = slot.circuit
    change(slot, afterFailure(before, { now: now(), random: random(), ...went }))
    const { opened, until } = slot.circuit
    if (opened === 0 || until === before.until) return
    const seconds = Math.ceil((until - now()) / 1000) + remembered
    await store.put([[key, JSON.stringify(slot.circuit)]], seconds)
  }

  return {
    async learn(keys) {
      const seen = keys.map(key => slotOf(key).changes)
      const values = await store.read(keys)
      for (const [at, key] of (values ? keys : []).entries()) {
        const slot = slotOf(key)
        // It changed here in the meantime: what was read is older.
        if (slot.changes !== seen[at]) continue
        const shared = jsonAs(Circuit, values?.[at] ?? 'null')
        if (shared) slot.circuit = shared
        else if (slot.circuit.opened > 0) slot.circuit = closed
      }
    },
    async enter(key) {
      const slot = slotOf(key)
      for (;;) {
        const state = stateOf(slot.circuit, now())
        if (state === 'open') {
          const rest = slot.circuit.until - now()
          const why = `has failed again and again and is left alone for ${inWords(rest)}`
          // Not all of them at the same moment.
          return { why, after: rest * (1 + 0.2 * random()) }
        }
        if (state === 'half-open' && slot.flying === 0) return probe(key, slot)
        if (state === 'closed' && slot.flying < (slot.answers ? mostProven : mostUnproven)) {
          slot.flying++
          return entryOf(key, slot)
        }
        if (!(await turn(slot))) return { why: 'has not answered what was sent before', after: 2_000 }
      }
    },
  }
}
