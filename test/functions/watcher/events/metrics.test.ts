import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { eventMetrics } from '../../../../functions/watcher/events/metrics.ts'
import { parseKubeEvent } from '../../../../functions/watcher/events/occurrence.ts'

const nodeEvent = parseKubeEvent('v1', {
  metadata: { name: 'e', namespace: 'default', uid: 'u', resourceVersion: '1' },
  ...{ type: 'Normal', reason: 'NodeNotReady', involvedObject: { kind: 'Node', name: 'node-1' } },
})

describe('eventMetrics()', () => {
  it('counts occurrences under the names that the alert rules ask for, from 0 on', async () => {
    const registry = new Registry()
    const metrics = eventMetrics(registry, { budget: 10, away: () => false })
    metrics.happened(nodeEvent, 3)
    const series =
      'event_exporter_events_total{event_type="Normal",reason="NodeNotReady",involved_object_kind="Node",involved_object_name="node-1",namespace="default"}'
    expect(await registry.metrics()).toContain(`${series} 0\n`)
    expect(await registry.metrics()).toContain(`${series} 3\n`)
  })

  it('counts what is let go from 0 on, for alerts that ask by how much that grew', async () => {
    const registry = new Registry()
    eventMetrics(registry, { budget: 10, away: () => false })
    const page = await registry.metrics()
    for (const rule of ['unreadable', 'refused'])
      expect(page).toContain(`ops_watcher_events_dropped_total{rule="${rule}"} 0\n`)
  })

  it('counts what it folds', async () => {
    const registry = new Registry()
    const metrics = eventMetrics(registry, { budget: 10, away: () => false })
    for (let index = 0; index < 12; index++) {
      metrics.happened({ ...nodeEvent, regarding: { kind: 'Node', name: `node-${index}` } }, 2)
    }
    expect(await registry.metrics()).toContain('ops_watcher_events_folded_total 6\n')
  })

  it('tells how old the watch is, why watches end, and whether the bus is away', async () => {
    const registry = new Registry()
    let now = 1_000
    const metrics = eventMetrics(registry, { budget: 10, away: () => true, now: () => now })
    metrics.opened()
    now = 31_000
    expect(await registry.metrics()).toContain('ops_watcher_watch_age_seconds 30\n')
    metrics.ended('silent')
    const page = await registry.metrics()
    expect(page).toContain('ops_watcher_watch_age_seconds 0\n')
    expect(page).toContain('ops_watcher_watch_ends_total{reason="silent"} 1\n')
    expect(page).toContain('ops_watcher_bus_away 1\n')
  })
})
