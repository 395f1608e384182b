import { describe, expect, it } from 'vitest'
import { metricsOf } from '../../../functions/bridge/metrics.ts'

describe('metricsOf()', () => {
  it('has every series of a trigger from the start, labelled with nothing but its name', async () => {
    const { registry, countsOf } = metricsOf()
    countsOf('one')
    const page = await registry.metrics()
    for (const name of ['delivered', 'retried', 'deadlettered', 'uncovered', 'lost'])
      expect(page).toContain(`ops_bridge_${name}_events_total{trigger="one"} 0`)
    const labels = [...page.matchAll(/(\w+)="/g)].map(([, name]) => name)
    expect(labels.filter(name => name !== 'trigger' && name !== 'le')).toEqual([])
  })
})
