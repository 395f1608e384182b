import { describe, expect, it } from 'vitest'
import { type Labels, seriesWithin } from '../../../../functions/watcher/events/series.ts'

const labels = (involved_object_name: string, reason = 'BackOff'): Labels => ({
  ...{ event_type: 'Warning', reason, involved_object_kind: 'Pod', involved_object_name, namespace: 'shop' },
})

/** What a scraper would have seen, by name, reason and namespace. */
function scraped(series: ReturnType<typeof seriesWithin>) {
  const values = new Map<string, number>()
  const keyOf = ({ involved_object_name, reason, namespace }: Labels) =>
    `${involved_object_name} ${reason} ${namespace}`
  return () => {
    series.collect({
      inc: (row, by) => values.set(keyOf(row), (values.get(keyOf(row)) ?? 0) + by),
      remove: row => values.delete(keyOf(row)),
    })
    return Object.fromEntries(values)
  }
}

describe('seriesWithin()', () => {
  it('shows a new series at 0 once, so that its first increase is seen', () => {
    const series = seriesWithin(100, () => 0)
    const scrape = scraped(series)
    series.add(labels('a'), 3)
    expect(scrape()).toEqual({ 'a BackOff shop': 0 })
    series.add(labels('a'), 1)
    expect(scrape()).toEqual({ 'a BackOff shop': 4 })
    expect(scrape()).toEqual({ 'a BackOff shop': 4 })
    series.add(labels('a'), 2)
    expect(scrape()).toEqual({ 'a BackOff shop': 6 })
  })

  it('sums up under "other" what is beyond the budget, and never has more series than that', () => {
    const series = seriesWithin(10, () => 0)
    const scrape = scraped(series)
    const own = Array.from({ length: 50 }, (_, index) => series.add(labels(`p${index}`), 1))
    expect(own.filter(Boolean)).toHaveLength(9)
    scrape()
    expect(scrape()).toMatchObject({ 'p0 BackOff shop': 1, 'p8 BackOff shop': 1, 'other BackOff shop': 41 })
    for (let index = 0; index < 50; index++) series.add(labels('x', `Reason${index}`), 1)
    scrape()
    const all = scrape()
    expect(all['other other other']).toBe(50)
    expect(Object.keys(all)).toHaveLength(11)
  })

  it('gives the place of a series that was idle for an hour to another', () => {
    let now = 0
    const series = seriesWithin(10, () => now)
    const scrape = scraped(series)
    for (let index = 0; index < 9; index++) series.add(labels(`p${index}`), 1)
    scrape()
    scrape()
    now = 3_000_000
    series.add(labels('p0'), 1)
    scrape()
    now = 3_700_000
    expect(series.add(labels('new'), 1)).toBe(true)
    const all = scrape()
    expect(all['p0 BackOff shop']).toBe(2)
    expect(all['p1 BackOff shop']).toBeUndefined()
    expect(all['new BackOff shop']).toBe(0)
  })

  it('cuts what somebody wrote to fill the page', () => {
    const series = seriesWithin(10, () => 0)
    const scrape = scraped(series)
    series.add({ ...labels('x'.repeat(100_000)), event_type: 'Mine' }, 1)
    expect(Object.keys(scrape())[0]?.length).toBeLessThan(300)
  })
})
