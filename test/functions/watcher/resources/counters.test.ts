import { describe, expect, it } from 'vitest'
import { countersOf, lackingCounters } from '../../../../functions/watcher/resources/counters.ts'
import type { Line } from '../../../../shared/ledger.ts'
import { HookStatus } from '../../../../shared/resources/hook-status.ts'

const line: Line = {
  counts: {
    matched: 20,
    dedup: 5,
    silenced: 2,
    storm: 1,
    queued: 8,
    republished: 3,
    refused: 1,
    delivered: 6,
    dead: 1,
  },
  lastMatched: Date.parse('2026-01-02T03:04:05.678Z'),
  lastError: { at: 7, reason: 'example.com answered 404' },
}
const counters = {
  ...{ matched: 20, delivered: 9, failed: 2, suppressed: 8 },
  ...{ lastMatchedTime: '2026-01-02T03:04:05Z', lastError: 'example.com answered 404' },
}

describe('countersOf()', () => {
  it('is what the CRD allows', () => {
    expect(countersOf(line)).toEqual(counters)
    expect(HookStatus.parse(countersOf(line))).toEqual(counters)
  })

  it('says nothing of what never happened but how often', () => {
    expect(countersOf({ counts: {} })).toEqual({ matched: 0, delivered: 0, failed: 0, suppressed: 0 })
  })
})

describe('lackingCounters()', () => {
  it('is what the status does not say yet', () => {
    expect(lackingCounters({ status: { ...counters, matched: 19, conditions: [] } }, line)).toEqual({
      matched: 20,
    })
    expect(lackingCounters({ status: {} }, line)).toEqual(counters)
  })

  it('is nothing where the status says it', () => {
    expect(lackingCounters({ status: { ...counters, observedGeneration: 3 } }, line)).toBeUndefined()
  })
})
