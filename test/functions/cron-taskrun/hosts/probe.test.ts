import { hostname } from 'node:os'
import { describe, expect, it } from 'vitest'
import { probeHost } from '../../../../functions/cron-taskrun/hosts/probe.ts'
import { HostStatus } from '../../../../shared/resources/host.ts'
import { ownSshd } from '../../../sshd.ts'
import { hostAt, hostOf, knownKeys, secretsOf } from '../ssh/hosts.ts'

const sshd = await ownSshd()
const logged: object[] = []
const log = { debug() {}, info() {}, warn: (fields: object) => void logged.push(fields), error() {} }
const world = {
  secret: secretsOf({
    key: { privatekey: sshd.key },
    strange: { privatekey: sshd.strangeKey, password: 'guessed' },
  }),
  hostKeys: knownKeys(),
  now: () => new Date('2026-11-21T12:05:00Z'),
  log,
}

describe('probeHost()', () => {
  it('finds how a host is', async () => {
    const status = await probeHost(hostAt(sshd, 'web-1'), world)
    expect(HostStatus.parse(status)).toMatchObject({
      hostname: hostname(),
      kernelVersion: expect.stringMatching(/^\d+\./),
      arch: expect.any(String),
      distribution: expect.any(String),
      diskTotal: expect.stringMatching(/^[\d.]+[KMGTP]iB$/),
      diskUsagePercent: expect.stringMatching(/^\d+%$/),
      cpuTotal: expect.stringMatching(/^\d+$/),
      cpuLoad1: expect.stringMatching(/^[\d.]+$/),
      cpuUsagePercent: expect.stringMatching(/^\d+%$/),
      memTotal: expect.stringMatching(/^[\d.]+[KMGTP]iB$/),
      memUsagePercent: expect.stringMatching(/^\d+%$/),
      heartStatus: 'Successed',
      heartTime: '2026-11-21T12:05:00.000Z',
    })
    expect(logged).toEqual([])
  })

  it('keeps what was known of one that does not answer, and logs why, without what is secret', async () => {
    const known = {
      hostname: 'web-1',
      diskUsagePercent: '91%',
      heartStatus: 'Successed',
      heartTime: '2026-11-21T12:00:00Z',
    }
    const gone = hostOf('web-1', { port: 1, secretRef: 'strange' }, { status: known })
    const refusing = { ...hostAt(sshd, 'web-2', { secretRef: 'strange' }), status: known }
    for (const host of [gone, refusing])
      expect(await probeHost(host, world)).toEqual({
        hostname: 'web-1',
        diskUsagePercent: '91%',
        heartStatus: 'Failed',
        heartTime: '2026-11-21T12:05:00.000Z',
      })
    expect(logged).toEqual([
      { host: 'ops/web-1', reason: expect.stringContaining('ECONNREFUSED') },
      { host: 'ops/web-2', reason: expect.stringContaining('does not let "tester" in') },
    ])
    expect(JSON.stringify(logged)).not.toMatch(/guessed|PRIVATE/)
  })
})
