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
