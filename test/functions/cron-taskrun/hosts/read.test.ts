import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readHost } from '../../../../functions/cron-taskrun/hosts/read.ts'

// As the script prints it on a Debian 12 with accelerators; the figures are made up.
const debian = readFileSync(new URL('../../../fixtures/hosts/debian-12.txt', import.meta.url), 'utf8')
const without = (name: string) =>
  debian.replace(new RegExp(`^== ${name}\\n(?:(?!== ).*\\n)*`, 'm'), `== ${name}\n`)

describe('readHost()', () => {
  it('reads what a host told of itself', () => {
    expect(readHost(debian)).toEqual({
      hostname: 'gpu-7',
      kernelVersion: '6.1.0-26-amd64',
      arch: 'x86_64',
      distribution: 'Debian GNU/Linux 12 (bookworm)',
      diskTotal: '98.3GiB',
      diskUsagePercent: '91%',
      cpuTotal: '2',
      cpuLoad1: '1.37',
      cpuUsagePercent: '25%',
      memTotal: '7.8GiB',
      memUsagePercent: '62%',
      acceleratorVendor: 'NVIDIA',
      acceleratorModel: 'NVIDIA A100-SXM4-80GB',
      acceleratorCount: '2',
    })
  })

  it.each([
    ['accelerators', ['acceleratorVendor', 'acceleratorModel', 'acceleratorCount']],
    ['release', ['distribution']],
    ['disk', ['diskTotal', 'diskUsagePercent']],
    ['memory', ['memTotal', 'memUsagePercent']],
    ['before', ['cpuUsagePercent']],
    ['load', ['cpuLoad1']],
  ])('leaves out what a host without %s cannot tell', (section, fields) => {
    const all = Object.keys(readHost(debian) ?? {})
    expect(Object.keys(readHost(without(section)) ?? {})).toEqual(all.filter(name => !fields.includes(name)))
  })

  it('takes the free memory where an old kernel does not tell what is available', () => {
    expect(readHost(debian.replace(/^MemAvailable.*\n/m, ''))?.memUsagePercent).toBe('88%')
  })

  it('reads nothing that was cut off', () => {
    expect(readHost(debian.replace('== end\n', ''))).toBeUndefined()
    expect(readHost('')).toBeUndefined()
  })
})
