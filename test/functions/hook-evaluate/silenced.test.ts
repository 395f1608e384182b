import { afterAll, describe, expect, it } from 'vitest'
import { type Note, silencedIn } from '../../../functions/hook-evaluate/silenced.ts'
import { ownRedis } from '../../servers.ts'
import { patientRedis } from './patient.ts'

describe('silencedIn()', async () => {
  const server = await ownRedis()
  const redis = patientRedis(server.url)
  afterAll(() => redis.close())
  const ask = (command: string, key: string, ...more: string[]) =>
    redis.run(`return redis.call('${command}', unpack(ARGV))`, [key, ...more])
  const note = (silence: string, n: number): Note => ({
    ...{
      silence,
      time: '2026-01-31T12:00:01Z',
      subject: 'ops.a',
      id: `e${n}`,
      hook: 'a/b',
      reason: 'BackOff',
    },
  })

  it('keeps the latest hundred of each silence for a week, the newest first, and how many there were', async () => {
    const keep = silencedIn(redis.run)
    await keep(Array.from({ length: 120 }, (_, n) => note('a/nights', n)))
    await keep([note('a/nights', 120), note('a/other', 0)])

    const list = await ask('LRANGE', 'ops-events:silenced:a/nights', '0', '-1')
    expect(list).toHaveLength(100)
    const { silence: _, ...newest } = note('a/nights', 120)
    expect(JSON.parse(Array.isArray(list) ? String(list[0]) : '')).toEqual(newest)
    expect(await ask('GET', 'ops-events:silenced:a/nights:count')).toBe('121')
    expect(await ask('GET', 'ops-events:silenced:a/other:count')).toBe('1')
    for (const key of ['ops-events:silenced:a/nights', 'ops-events:silenced:a/nights:count'])
      expect(await ask('TTL', key)).toBeGreaterThan(7 * 24 * 3_600 - 60)
  })
})
