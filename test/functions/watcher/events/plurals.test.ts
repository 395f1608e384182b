import { describe, expect, it } from 'vitest'
import { englishPlural, pluralsOf } from '../../../../functions/watcher/events/plurals.ts'

describe('pluralsOf()', () => {
  it('asks the API once for each group, and leaves sub-resources out', async () => {
    const asked: string[] = []
    const plurals = pluralsOf(
      async ({ path }) => {
        asked.push(path)
        const resources = [
          { name: 'endpointslices', kind: 'EndpointSlice' },
          { name: 'pods/eviction', kind: 'Eviction' },
          { name: 'octopi', kind: 'Octopus' },
        ]
        return { resources }
      },
      () => 0,
    )
    expect(await plurals.of('sea/v1', 'Octopus')).toBe('octopi')
    expect(await plurals.of('sea/v1', 'EndpointSlice')).toBe('endpointslices')
    expect(await plurals.of('sea/v1', 'Eviction')).toBe('evictions')
    expect(await plurals.of('v1', 'Octopus')).toBe('octopi')
    expect(await plurals.of(undefined, 'Octopus')).toBe('octopi')
    expect(asked).toEqual(['/apis/sea/v1', '/api/v1'])
  })

  it('asks again, a minute later, for a kind that was not there', async () => {
    let now = 0
    let resources: object[] = []
    const plurals = pluralsOf(
      async () => ({ resources }),
      () => now,
    )
    expect(await plurals.of('sea/v1', 'Octopus')).toBe('octopuses')
    resources = [{ name: 'octopi', kind: 'Octopus' }]
    expect(await plurals.of('sea/v1', 'Octopus')).toBe('octopuses')
    now = 61_000
    expect(await plurals.of('sea/v1', 'Octopus')).toBe('octopi')
  })

  it('gets by in English while the API does not answer, and forgets nothing over it', async () => {
    let now = 0
    let away = false
    const plurals = pluralsOf(
      async () => {
        if (away) throw new Error('away')
        return { resources: [{ name: 'octopi', kind: 'Octopus' }] }
      },
      () => now,
    )
    await plurals.of('sea/v1', 'Octopus')
    now = 61_000
    away = true
    expect(await plurals.of('sea/v1', 'Fish')).toBe('fishes')
    expect(await plurals.of('sea/v1', 'Octopus')).toBe('octopi')
  })

  it('asks again after five seconds where the API has not answered yet', async () => {
    let now = 0
    let asked = 0
    const plurals = pluralsOf(
      async () => {
        if (++asked < 3) throw new Error('away')
        return { resources: [{ name: 'octopi', kind: 'Octopus', namespaced: true }] }
      },
      () => now,
    )
    for (const at of [0, 4_000, 5_000, 9_000]) {
      now = at
      await expect(plurals.resource('sea/v1', 'Octopus')).rejects.toThrow('did not say')
    }
    expect(asked).toBe(2)
    now = 10_000
    expect(await plurals.resource('sea/v1', 'Octopus')).toEqual({ plural: 'octopi', namespaced: true })
  })
})

describe('englishPlural()', () => {
  it.each([
    ['Pod', 'pods'],
    ['Ingress', 'ingresses'],
    ['NetworkPolicy', 'networkpolicies'],
    ['Gateway', 'gateways'],
    ['Proxy', 'proxies'],
    ['Batch', 'batches'],
  ])('of %s is %s', (kind, plural) => {
    expect(englishPlural(kind)).toBe(plural)
  })
})
