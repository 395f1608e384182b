import type { Delivery } from '../../../../shared/delivery.ts'
import type { CompiledHook } from '../../../../shared/hookset.ts'
import { compiledHook } from '../../../compiled-hook.ts'

/** A hook of type task; `sealed` is for the test to say. */
export const taskHook = (name: string, sealed = ''): CompiledHook =>
  compiledHook(`ops/${name}`, { type: 'task', revision: `${name} 1`, sealed })

export const subject = 'ops.clusters.c1.namespaces.prod.pods.web-1.events'

/** A delivery to that hook, with an id of ours. */
export const deliveryTo = (name: string, n: number, more: Partial<Delivery> = {}): Delivery => ({
  ...{ specversion: '1.0', id: `event-${n}`, source: 'https://example.com', type: 'Kube', subject },
  ...{ time: '2026-01-31T12:00:00Z', cluster: 'C1', data: { node: 'worker-1', reason: 'OOMKilling' } },
  ...{ hook: `ops/${name}`, hookrevision: `${name} 1`, deliveryid: idOf(n) },
  ...more,
})

/** A UUID with the number in its first part. */
export const idOf = (n: number) => `${n.toString(16).padStart(8, '0')}-ab12-5def-8123-456789abcdef`
