import { describe, expect, it } from 'vitest'
import { PublishError } from '../../../../shared/adapters/publisher.ts'
import type { OpsEvent } from '../../../../shared/event.ts'
import { backOffs, daysBefore, hour, minute, noon, patternRig, row } from './rig.ts'

const rig = await patternRig()
const { told } = rig

const every = (seconds: number, many: number, end = noon) =>
  Array.from({ length: many }, (_, at) => end - (many - at) * seconds * 1_000)

const verdictsOf = (events: OpsEvent[]) => events.map(({ data }) => (data as { verdict: string }).verdict)
const messageOf = (event: OpsEvent | undefined) => (event?.data as { message: string } | undefined)?.message

describe('patternsAfter()', () => {
  it('tells a pattern once, with what it is and what shows it', async () => {
    await rig.storing()(backOffs(every(20, 6)))
    expect(told).toHaveLength(1)
    expect(told[0]).toMatchObject({
      type: 'Pattern',
      subject: 'ops.clusters.prod.patterns.backoff-pod-shop.alerts',
      cluster: 'prod',
      category: 'lifecycle',
      severitytext: 'warning',
      severitynumber: 13,
      data: {
        ...{ cluster: 'prod', reason: 'BackOff', kind: 'Pod', namespace: 'shop', key: 'backoff-pod-shop' },
        ...{ verdict: 'recurring', count: 6, frequency: 3.6, history: 0 },
        ...{ firstSeen: '2026-05-04T11:58:00.000Z', lastSeen: '2026-05-04T11:59:40.000Z' },
        template: 'Back-off restarting failed container app in pod <*>',
        samples: [{ name: 'web-5' }, { name: 'web-4' }, { name: 'web-3' }],
        message:
          'BackOff of Pod in shop: 6 times in 1m40s, 3.6 a minute: Back-off restarting failed container app in pod <*>',
      },
    })
  })

  it('tells a burst within one instant, and counts occurrences, not rows', async () => {
    await rig.storing()(backOffs([noon - 1_000], {}, 3))
    expect(verdictsOf(told)).toEqual(['burst'])
  })

  it('sees what comes in several batches, and by several that store', async () => {
    const [first, second] = [rig.storing(), rig.storing()]
    const rows = backOffs(every(20, 3))
    await first(rows.slice(0, 1))
    await second(rows.slice(1, 2))
    expect(told).toHaveLength(0)
    await first(rows.slice(2))
    expect(told).toHaveLength(1)
  })

  it('tells it again when a window is over and it goes on, and not before', async () => {
    for (let at = 0; at <= 14; at++) {
      const now = noon + at * 10 * minute
      await rig.storing({ now })(backOffs([now - 1_000], { name: `web-${at}` }, 6))
    }
    expect(told.map(({ time }) => time)).toEqual([
      '2026-05-04T11:59:59.000Z',
      '2026-05-04T12:59:59.000Z',
      '2026-05-04T13:59:59.000Z',
    ])
    expect(new Set(told.map(({ id }) => id)).size).toBe(3)
  })

  it('tells the same again when it died before it remembered, and when it could not tell', async () => {
    const rows = backOffs(every(20, 6))
    const broken = rig.storing({
      publish: async () => {
        throw new PublishError('unavailable', 'NATS is away')
      },
    })
    await expect(broken(rows)).rejects.toThrow('NATS is away')
    expect(await rig.db.selectFrom('told').selectAll().execute()).toEqual([])
    await rig.storing()(rows)
    await rig.db.deleteFrom('told').execute()
    await rig.storing({ now: noon + 5_000 })(rows)
    expect(told).toHaveLength(2)
    expect(told[0]?.id).toBe(told[1]?.id)
  })

  it('goes on where what it tells is never taken', async () => {
    const refusing = rig.storing({
      publish: async () => {
        throw new PublishError('refused', 'too large')
      },
    })
    await refusing(backOffs(every(20, 6)))
    expect(await rig.db.selectFrom('told').select('id').execute()).toHaveLength(1)
  })

  it('makes no pattern of ordinary life, of alerts, digests and patterns, of what has no reason, or of the past', async () => {
    const times = every(20, 6)
    await rig.storing()(
      backOffs(times, { severity: 'info', reason: 'Pulled' }),
      backOffs(times).map(one => ({
        ...one,
        observation: 'alerts',
        subject: one.subject.replace('events', 'alerts'),
      })),
      backOffs(times).map(one => ({ ...one, id: `d${one.id}`, event_type: 'Digest' })),
      backOffs(times, { reason: '' }),
      backOffs(times.map(time => time - 2 * hour)),
    )
    expect(told).toEqual([])
  })

  it('keeps apart what differs in cluster, namespace, kind or reason', async () => {
    const times = every(20, 3)
    await rig.storing()([
      ...backOffs(times, { cluster: 'prod' }),
      ...backOffs(times, { cluster: 'test' }),
      ...backOffs(times, { namespace: 'bank' }),
      ...backOffs(times, { reason: 'Unhealthy' }),
      ...backOffs(times, { kind: 'Node', namespace: '' }),
    ])
    expect(told.map(({ subject }) => subject).sort()).toEqual([
      'ops.clusters.prod.patterns.backoff-node.alerts',
      'ops.clusters.prod.patterns.backoff-pod-bank.alerts',
      'ops.clusters.prod.patterns.backoff-pod-shop.alerts',
      'ops.clusters.prod.patterns.unhealthy-pod-shop.alerts',
      'ops.clusters.test.patterns.backoff-pod-shop.alerts',
    ])
  })

  it('says "12 times the usual" by the same hour of the days before', async () => {
    await rig.store(daysBefore(7, 4))
    await rig.storing()(backOffs(every(60, 48)))
    expect(told[0]).toMatchObject({ data: { verdict: 'change', count: 48, ratio: 12, history: 7 } })
    expect(messageOf(told[0])).toContain('48 times in 47m, 1.02 a minute, 12 times the usual: ')
  })

  it('says nothing of what is usual', async () => {
    await rig.store(daysBefore(7, 50))
    await rig.storing()(backOffs(every(60, 48)))
    expect(verdictsOf(told)).toEqual(['recurring'])
  })

  it('knows what nobody has seen before, once there are days to compare with', async () => {
    await rig.store(daysBefore(2, 4))
    await rig.storing()(backOffs(every(60, 6), { reason: 'FailedMount' }))
    await rig.store(daysBefore(4, 4))
    await rig.storing()(backOffs(every(60, 6), { reason: 'FailedAttachVolume' }))
    expect(verdictsOf(told)).toEqual(['recurring', 'new'])
    expect(messageOf(told[1])).toContain('never seen in the 4 days before')
  })

  it('does not take for new what is only kept for two days', async () => {
    await rig.store(daysBefore(7, 4))
    const short = backOffs(every(60, 6), { reason: 'FailedMount' }).map(one => ({ ...one, keep: 2 }))
    await rig.storing()(short)
    expect(told[0]).toMatchObject({ data: { verdict: 'recurring', history: 1 } })
  })

  it('tells how bad the worst of it is', async () => {
    const times = every(20, 3)
    await rig.storing()([
      ...backOffs(times),
      row({ at: noon - 1, name: 'a', reason: 'BackOff', severity: 'error' }),
    ])
    expect(told[0]).toMatchObject({ severitytext: 'error', severitynumber: 17 })
  })

  it('keeps what templates stand for', async () => {
    await rig.storing()(backOffs(every(20, 3)), backOffs([noon - 1], { message: '', name: 'silent' }))
    expect(await rig.db.selectFrom('templates').selectAll().execute()).toEqual([
      {
        template: expect.stringMatching(/^[0-9a-f]{16}$/),
        text: 'Back-off restarting failed container app in pod <*>',
        last_time: new Date(noon - 20_000),
      },
    ])
  })
})
