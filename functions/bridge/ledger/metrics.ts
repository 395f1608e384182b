import { Counter, Gauge, type Registry } from 'prom-client'
import type { CompiledHook } from '../../../shared/hookset.ts'
import type { Entry } from '../../../shared/ledger.ts'
import { Counted } from '../../../shared/tally.ts'

/** The ledger as Prometheus reads it. */
export type LedgerMetrics = {
  /** This replica has counted this. */
  counted(entry: Entry): void
  /** How many deliveries wait, by hook id; of the replica that keeps the ledger only, undefined elsewhere. */
  waiting(byHook: Map<string, number> | undefined): void
  uncounted(events: number): void
}

/** What every hook has a series for; the other outcomes get one when they happen. */
const always = ['matched', 'delivered', 'dead'] as const

/** `inForce`: the hooks that are; each has its series from the start, and those of others are gone. */
export function ledgerMetrics(registry: Registry, inForce: () => CompiledHook[] | undefined): LedgerMetrics {
  const registers = [registry]
  const byHook = ['namespace', 'hook'] as const
  const events = new Counter({
    name: 'ops_hook_events_total',
    help: 'What events came to at a hook: matched; of those and of notices told beside them, held back (dedup, threshold, storm, silenced, suspended), republished, refused or queued; of those delivered or dead',
    labelNames: [...byHook, 'outcome'] as const,
    registers,
    collect: renew,
  })
  let known: CompiledHook[] | undefined
  let hooks = new Map<string, CompiledHook>()
  // By pattern, since the last look: adding it to each hook at once would cost more than anybody reads.
  const unread = new Map<string, number>()
  const received = new Counter({
    name: 'ops_hook_received_events_total',
    help: "Events judged whose subject the hook's pattern matches",
    labelNames: byHook,
    registers,
    collect() {
      renew()
      for (const hook of hooks.values()) {
        const more = unread.get(hook.subject)
        if (more) this.inc(labelsOf(hook.id), more)
      }
      unread.clear()
    },
  })
  const all = new Counter({
    name: 'ops_events_total',
    help: 'Events judged (received), and what they came to at all hooks: the sums of ops_hook_events_total, of hooks that are gone too',
    labelNames: ['outcome'] as const,
    registers,
  })
  const waitingBy = new Gauge({
    name: 'ops_hook_waiting_deliveries',
    help: 'Deliveries that wait to be sent, first or again; shown by the replica that keeps the ledger',
    labelNames: byHook,
    registers,
  })
  const lost = new Counter({
    name: 'ops_bridge_uncounted_events_total',
    help: 'Events that went on without being counted, since what they came to was too large to be written',
    registers,
  })
  for (const outcome of ['received', ...Counted.options]) all.inc({ outcome }, 0)
  const shown = new Set<string>()

  return {
    counted(entry) {
      renew()
      all.inc({ outcome: 'received' }, entry.received)
      for (const [pattern, times] of Object.entries(entry.patterns))
        unread.set(pattern, (unread.get(pattern) ?? 0) + times)
      for (const [id, { counts }] of Object.entries(entry.hooks)) {
        for (const outcome of Counted.options) {
          const times = counts[outcome]
          if (!times) continue
          all.inc({ outcome }, times)
          if (hooks.has(id)) events.inc({ ...labelsOf(id), outcome }, times)
        }
      }
    },
    waiting(now) {
      if (!now) {
        shown.clear()
        return waitingBy.reset()
      }
      for (const id of shown) waitingBy.set(labelsOf(id), 0)
      for (const [id, times] of now) {
        shown.add(id)
        waitingBy.set(labelsOf(id), times)
      }
    },
    uncounted: many => lost.inc(many),
  }

  function renew(): void {
    const now = inForce()
    if (!now || now === known) return
    known = now
    const next = new Map(now.map(hook => [hook.id, hook]))
    for (const id of hooks.keys()) if (!next.has(id)) forget(id)
    for (const id of next.keys()) if (!hooks.has(id)) begin(id)
    hooks = next
  }

  function begin(id: string): void {
    for (const outcome of always) events.inc({ ...labelsOf(id), outcome }, 0)
    received.inc(labelsOf(id), 0)
  }

  function forget(id: string): void {
    for (const outcome of Counted.options) events.remove({ ...labelsOf(id), outcome })
    received.remove(labelsOf(id))
    if (shown.delete(id)) waitingBy.remove(labelsOf(id))
  }
}

function labelsOf(id: string): { namespace: string; hook: string } {
  const [namespace = '', hook = ''] = id.split('/')
  return { namespace, hook }
}
