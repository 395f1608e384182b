import { describe, expect, it } from 'vitest'
import { leafClusters, leafSource, sourcesFor } from '../../shared/leaf.ts'

describe('leafClusters', () => {
  it('reads the names as they stand in subjects, each once', () => {
    expect(leafClusters.parse('Edge.1, edge2,,edge2')).toEqual(['edge_1', 'edge2'])
    expect(leafClusters.parse(undefined)).toEqual([])
  })
})

describe('sourcesFor()', () => {
  it('adds a cluster to those that are there', () => {
    const { all, added, odd } = sourcesFor(['edge1', 'edge2'], [leafSource('edge1')])
    expect(all).toEqual([leafSource('edge1'), leafSource('edge2')])
    expect(added).toEqual(['edge2'])
    expect(odd).toEqual([])
  })

  it('leaves a cluster that is not named any more, and says so', () => {
    const { all, odd } = sourcesFor([], [leafSource('edge1')])
    expect(all).toEqual([leafSource('edge1')])
    expect(odd).toEqual(['source of "edge1": LEAF_CLUSTERS does not name it'])
  })

  it('leaves what was changed by hand, and says how it is', () => {
    const changed = { ...leafSource('edge1'), opt_start_seq: 7 }
    const { all, added, odd } = sourcesFor(['edge1'], [changed, { name: 'other' }])
    expect(all).toEqual([changed, { name: 'other' }])
    expect(added).toEqual([])
    expect(odd).toEqual([
      expect.stringContaining('source of "edge1": it is {"name":"ops","opt_start_seq":7'),
      'source "other": it is of no leaf cluster',
    ])
  })
})
