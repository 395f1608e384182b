import { describe, expect, test } from 'vitest'
import { cpuInStat, cpuOf, cpuOfAllInStat, meter } from '../../../infra/bench/cpu.ts'

// Recorded on Linux 6.1, November 2025.
const stat =
  '4242 (a (b) c) S 1 4242 4242 0 -1 4194304 2893 0 3 0 150 25 0 0 20 0 11 0 52711 1017 12 184 1 1 0 0 0 0 0 16781312 134235650 0 0 0 17 1 0 0 0 0 0'
const all = 'cpu  1000 50 450 90000 12 0 30 7 0 0\ncpu0 500 25 225 45000 6 0 15 3 0 0\n'

describe('cpu', () => {
  test('reads user and system time, whatever stands in the name of the process', () => {
    expect(cpuInStat(stat)).toBe(1.75)
  })

  test('counts what programs used, not the idle time and not what the host took', () => {
    expect(cpuOfAllInStat(all)).toBe(15)
  })

  test('has no number for a process that is not there', () => {
    expect(cpuOf(2 ** 30)).toBeNaN()
  })

  test('measures a process between start and stop', () => {
    const stop = meter({ bench: process.pid })
    const used = stop()
    expect(used.seconds).toBeGreaterThan(0)
    expect(Object.keys(used.cpu)).toEqual(['bench'])
  })
})
