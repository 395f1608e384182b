import { Counter, Gauge, type Registry } from 'prom-client'
import type { ContextCounts } from './context.ts'

/** Registers the metrics of what is found out about events. */
export function contextMetrics(registry: Registry): ContextCounts {
  const registers = [registry]
  const left = new Counter({
    name: 'ops_watcher_context_left_out_total',
    help: 'Events that went on without all that could have been found out: "late", "rate", "away" or "forbidden"',
    labelNames: ['because'] as const,
    registers,
  })
  const requests = new Counter({
    name: 'ops_watcher_context_requests_total',
    help: 'Objects that the API server was asked for by name: "found", "gone", "forbidden" or "failed"',
    labelNames: ['answer'] as const,
    registers,
  })
  for (const because of ['late', 'rate', 'away', 'forbidden'] as const) left.inc({ because }, 0)
  for (const answer of ['found', 'gone', 'forbidden', 'failed'] as const) requests.inc({ answer }, 0)
  return {
    left: because => left.inc({ because }),
    asked: answer => requests.inc({ answer }),
    remembered(size) {
      new Gauge({
        name: 'ops_watcher_context_objects',
        help: 'Objects of which something is remembered, and those that are known to be gone',
        registers,
        collect() {
          this.set(size())
        },
      })
    },
  }
}
