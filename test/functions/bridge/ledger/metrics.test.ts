import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { ledgerMetrics } from '../../../../functions/bridge/ledger/metrics.ts'
import type { CompiledHook } from '../../../../shared/hookset.ts'
import type { Entry } from '../../../../shared/ledger.ts'
import { hookOf } from './books.ts'

const entry = (about: Partial<Entry>): Entry => ({
  at: 1,
  received: 0,
  patterns: {},
  hooks: {},
  places: {},
  ...about,
})

function showing(hooks: CompiledHook[]) {
  const registry = new Registry()
  let inForce: CompiledHook[] | undefined = hooks
  const metrics = ledgerMetrics(registry, () => inForce)
  const lines = async (name: string) =>
    (await registry.metrics()).split('\n').filter(line => line.startsWith(`${name}{`))
  return { ...metrics, lines, registry, put: (now: CompiledHook[]) => (inForce = now) }
}

describe('ledgerMetrics()', () => {
  it('begins at 0 for each hook, and with more only when it happens', async () => {
    const { counted, lines } = showing([hookOf('n/a', 'ops.>')])
    expect(await lines('ops_hook_events_total')).toEqual([
      'ops_hook_events_total{namespace="n",hook="a",outcome="matched"} 0',
      'ops_hook_events_total{namespace="n",hook="a",outcome="delivered"} 0',
      'ops_hook_events_total{namespace="n",hook="a",outcome="dead"} 0',
    ])
    counted(entry({ received: 3, hooks: { 'n/a': { counts: { matched: 2, dedup: 1 } } } }))
    expect(await lines('ops_hook_events_total')).toContain(
      'ops_hook_events_total{namespace="n",hook="a",outcome="dedup"} 1',
    )
    expect(await lines('ops_events_total')).toEqual(
      expect.arrayContaining([
        'ops_events_total{outcome="received"} 3',
        'ops_events_total{outcome="silenced"} 0',
      ]),
    )
  })

  it('has received for each hook what its pattern has', async () => {
    const { counted, lines } = showing([
      hookOf('n/a', 'ops.>'),
      hookOf('n/b', 'ops.>'),
      hookOf('n/c', 'ops.c'),
    ])
    for (const _ of [1, 2]) counted(entry({ patterns: { 'ops.>': 5, 'ops.gone': 1 } }))
    const wanted = [
      'ops_hook_received_events_total{namespace="n",hook="a"} 10',
      'ops_hook_received_events_total{namespace="n",hook="b"} 10',
      'ops_hook_received_events_total{namespace="n",hook="c"} 0',
    ]
    expect(await lines('ops_hook_received_events_total')).toEqual(wanted)
    expect(await lines('ops_hook_received_events_total')).toEqual(wanted)
  })

  it('lets go of the series of a hook that is gone, and keeps the sums of all', async () => {
    const { counted, lines, put, waiting } = showing([hookOf('n/a', 'ops.>'), hookOf('n/b', 'ops.>')])
    const both = { 'n/a': { counts: { dead: 1 } }, 'n/b': { counts: { dead: 2 } } }
    counted(entry({ hooks: both }))
    waiting(new Map([['n/a', 4]]))
    put([hookOf('n/b', 'ops.>')])
    counted(entry({ hooks: both }))
    expect((await lines('ops_hook_events_total')).filter(line => line.includes('hook="a"'))).toEqual([])
    expect(await lines('ops_hook_waiting_deliveries')).toEqual([])
    expect(await lines('ops_events_total')).toContain('ops_events_total{outcome="dead"} 6')
  })

  it('shows what waits, then 0, and nothing when another replica shows it', async () => {
    const { waiting, lines } = showing([hookOf('n/a', 'ops.>')])
    const line = (many: number) => [`ops_hook_waiting_deliveries{namespace="n",hook="a"} ${many}`]
    waiting(new Map([['n/a', 4]]))
    expect(await lines('ops_hook_waiting_deliveries')).toEqual(line(4))
    waiting(new Map())
    expect(await lines('ops_hook_waiting_deliveries')).toEqual(line(0))
    waiting(undefined)
    expect(await lines('ops_hook_waiting_deliveries')).toEqual([])
  })
})
