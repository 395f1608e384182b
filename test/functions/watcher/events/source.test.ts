import { describe, expect, it } from 'vitest'
import { occurrencesIn } from '../../../../functions/watcher/events/counts.ts'
import { Watched } from '../../../../functions/watcher/events/filter.ts'
import type { Sighting } from '../../../../functions/watcher/events/reader.ts'
import { publishSightings } from '../../../../functions/watcher/events/source.ts'
import { type Message, PublishError } from '../../../../shared/adapters/publisher.ts'
import type { OpsEvent } from '../../../../shared/event.ts'
import { quiet as log } from '../../../quiet.ts'
import { memoryBucket } from './memory.ts'

const wall = Date.parse('2026-06-01T12:00:00Z')
const ago = (seconds: number) => new Date(wall - seconds * 1000).toISOString()

/** An event object of events.k8s.io/v1, of a pod unless it says otherwise. */
const object = (version: number, fields: object = {}, metadata: object = {}) => ({
  metadata: {
    ...{ name: 'web.1', namespace: 'shop', uid: 'u1', resourceVersion: String(version) },
    ...{ creationTimestamp: ago(5), ...metadata },
  },
  ...{ type: 'Warning', reason: 'BackOff', note: 'It is back', reportingController: 'kubelet' },
  ...{ deprecatedCount: 1, deprecatedLastTimestamp: ago(1) },
  regarding: { kind: 'Pod', apiVersion: 'v1', namespace: 'shop', name: 'web-1', uid: 'p1' },
  ...fields,
})
const seen = (
  operation: 'ADDED' | 'MODIFIED' | 'DELETED',
  value: { metadata: { resourceVersion: string } },
) =>
  ({
    ...{ kind: 'seen', operation, object: value },
    place: { resourceVersion: value.metadata.resourceVersion, time: wall },
  }) satisfies Sighting
const listed = (value: unknown, since: number, first: boolean) =>
  ({ kind: 'listed', object: value, since, first }) satisfies Sighting

async function publish(
  given: Sighting[],
  {
    watched = {},
    fails = [],
    bucket = memoryBucket().bucket,
  }: {
    watched?: object
    fails?: PublishError[]
    bucket?: ReturnType<typeof memoryBucket>['bucket']
  } = {},
) {
  const events: OpsEvent[] = []
  const reached: string[] = []
  const counted = { received: 0, published: 0, duplicate: 0, dropped: [] as string[], happened: 0 }
  const ids = new Set<string>()
  await publishSightings(
    {
      about: { cluster: 'c1', namespace: 'ops-system', source: 'here' },
      api: 'events.k8s.io/v1',
      watched: Watched.parse(watched),
      async publish({ id, payload }: Message) {
        const failure = fails.shift()
        if (failure) throw failure
        const duplicate = ids.has(id)
        ids.add(id)
        if (!duplicate) events.push(JSON.parse(String(payload)))
        return { stream: 'ops', seq: events.length, duplicate }
      },
      checkpoint: {
        reach: ({ resourceVersion }, anew) => reached.push(`${resourceVersion}${anew ? ' anew' : ''}`),
      },
      occurrences: occurrencesIn(bucket),
      plurals: { of: async (_, kind) => `${kind.toLowerCase()}s` },
      counts: {
        received: () => counted.received++,
        published: () => counted.published++,
        duplicate: () => counted.duplicate++,
        dropped: rule => counted.dropped.push(rule),
        happened: (_, occurrences) => {
          counted.happened += occurrences
        },
        lag: () => {},
      },
      wall: () => wall,
      sleep: async () => {},
      log,
    },
    (async function* () {
      yield* given
    })(),
  )
  const { received, published, duplicate, dropped } = counted
  expect(received).toBe(published + duplicate + dropped.length)
  const data = events.map(event => event.data as Record<string, unknown>)
  return { events, data, reached, counted }
}

describe('publishSightings()', () => {
  it('makes a CloudEvent of an event, on the subject of what it is about', async () => {
    const { events } = await publish([seen('ADDED', object(7))])
    expect(events).toEqual([
      {
        specversion: '1.0',
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        source: 'here',
        type: 'Kube',
        subject: 'ops.clusters.c1.namespaces.shop.pods.web-1.events',
        time: ago(1),
        datacontenttype: 'application/json',
        cluster: 'c1',
        ...{ category: expect.any(String), severitytext: 'warning', severitynumber: 13 },
        correlationid: expect.stringMatching(/^[0-9a-f-]{36}$/),
        data: {
          ...{ cluster: 'c1', type: 'Warning', reason: 'BackOff', eventTime: ago(1), from: 'kubelet' },
          ...{
            message: 'It is back',
            kind: 'Pod',
            apiVersion: 'v1',
            namespace: 'shop',
            name: 'web-1',
            uid: 'p1',
          },
          ...{ count: 1, occurrences: 1, firstTime: ago(5), lastTime: ago(1) },
          ...{ reportingController: 'kubelet', operation: 'ADDED' },
        },
      },
    ])
  })

  it('has no namespace in the subject of a node, whose name is one token', async () => {
    const regarding = { kind: 'Node', apiVersion: 'v1', name: 'ip-10-0-0-1.ec2.internal' }
    const { events, data } = await publish([seen('ADDED', object(7, { regarding }))])
    expect(events[0]?.subject).toBe('ops.clusters.c1.nodes.ip-10-0-0-1_ec2_internal.events')
    expect(data[0]).toMatchObject({ name: 'ip-10-0-0-1.ec2.internal', node: 'ip-10-0-0-1.ec2.internal' })
  })

  it('tells repeats of old counts and of series, and how many of them are new', async () => {
    const series = (count: number) => ({
      deprecatedCount: null,
      eventTime: ago(50),
      series: { count, lastObservedTime: ago(2) },
    })
    const { data } = await publish([
      seen('ADDED', object(1)),
      seen('MODIFIED', object(2, { deprecatedCount: 4 })),
      seen('ADDED', object(3, { deprecatedCount: null, eventTime: ago(50) }, { uid: 'u2' })),
      seen('MODIFIED', object(4, series(2), { uid: 'u2' })),
      seen('MODIFIED', object(5, series(9), { uid: 'u2' })),
    ])
    expect(data.map(({ count, occurrences, eventTime }) => [count, occurrences, eventTime])).toEqual([
      [1, 1, ago(1)],
      [4, 3, ago(1)],
      [1, 1, ago(50)],
      [2, 1, ago(2)],
      [9, 7, ago(2)],
    ])
  })

  it('tells of a deletion while it is news, and not when Kubernetes clears up', async () => {
    const { data, counted } = await publish([
      seen('DELETED', object(7)),
      seen('DELETED', object(8, { deprecatedLastTimestamp: ago(3600) })),
    ])
    expect(data).toMatchObject([{ operation: 'DELETED', occurrences: 0 }])
    expect(counted.dropped).toEqual(['old_deletion'])
  })

  it('takes at the very first start only what is recent, and counts on from the rest', async () => {
    const since = wall - 120_000
    const old = { deprecatedCount: 5, deprecatedLastTimestamp: ago(600) }
    const { data, counted } = await publish([
      listed(object(1, old, { uid: 'u1', creationTimestamp: ago(900) }), since, true),
      listed(object(2, { deprecatedCount: 40 }, { uid: 'u2', creationTimestamp: ago(900) }), since, true),
      listed(object(3, { deprecatedCount: 3 }, { uid: 'u3', creationTimestamp: ago(60) }), since, true),
      seen('MODIFIED', object(4, { deprecatedCount: 7 })),
    ])
    expect(counted.dropped).toEqual(['before_start'])
    expect(data.map(({ operation, count, occurrences }) => [operation, count, occurrences])).toEqual([
      ['MODIFIED', 40, 1],
      ['ADDED', 3, 3],
      ['MODIFIED', 7, 2],
    ])
  })

  it('takes all of a list behind a known place, however old it says it is', async () => {
    const { bucket } = memoryBucket()
    await publish([seen('ADDED', object(1)), seen('MODIFIED', object(2, { deprecatedCount: 3 }))], { bucket })
    const late = { deprecatedCount: 5, deprecatedLastTimestamp: ago(6_000) }
    const { data } = await publish(
      [listed(object(9, late, { creationTimestamp: ago(9_000) }), wall, false)],
      {
        bucket,
      },
    )
    expect(data).toMatchObject([{ operation: 'MODIFIED', count: 5, occurrences: 2 }])
  })

  it('moves the checkpoint behind what is done, and what is dropped', async () => {
    const place = { resourceVersion: '9', time: wall }
    const { reached } = await publish(
      [seen('ADDED', object(7)), seen('ADDED', object(8)), { kind: 'reached', place, anew: true }],
      { watched: { reasons: { exclude: ['BackOff'] } } },
    )
    expect(reached).toEqual(['7', '8', '9 anew'])
  })

  it('publishes until the bus takes it, and lets go of what it refuses', async () => {
    const fails = [
      new PublishError('unavailable', 'away'),
      new PublishError('full', 'full'),
      new PublishError('refused', 'never'),
    ]
    const { events, counted } = await publish([seen('ADDED', object(7)), seen('ADDED', object(8))], { fails })
    expect(events).toHaveLength(1)
    expect(counted.dropped).toEqual(['refused'])
  })

  it('counts what was on the bus already as a duplicate', async () => {
    const { counted } = await publish([seen('ADDED', object(7)), listed(object(7), wall, false)])
    expect(counted).toMatchObject({ published: 1, duplicate: 1 })
  })

  it('goes on behind an object that nobody can tell of', async () => {
    const { events, reached, counted } = await publish([
      seen('ADDED', { metadata: { resourceVersion: '6' } }),
      seen('ADDED', object(7, { regarding: { kind: 'Pod', name: 'x'.repeat(5_000), namespace: 'shop' } })),
      seen('ADDED', object(8)),
    ])
    expect(events).toHaveLength(1)
    expect(reached).toEqual(['6', '7', '8'])
    expect(counted.dropped).toEqual(['unreadable', 'unreadable'])
  })

  it('tells of a blind window under one id for all replicas', async () => {
    const from = { resourceVersion: '5', time: wall - 60_000 }
    const gapUntil = (to: number): Sighting => ({
      ...{ kind: 'gap', from, to, because: 'it was too old', recovered: 2 },
    })
    const { events } = await publish([gapUntil(wall), gapUntil(wall + 400)])
    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({
      type: 'Default',
      subject: 'ops.clusters.c1.namespaces.ops-system.controllers.events.alerts',
      data: { reason: 'BlindWindow', from: ago(60), to: ago(0), because: 'it was too old', recovered: 2 },
    })
  })

  it('goes on behind a blind window that the bus does not want to hear of', async () => {
    const fails = [new PublishError('unavailable', 'away'), new PublishError('refused', 'never')]
    const from = { resourceVersion: '5', time: wall - 60_000 }
    const gap: Sighting = { kind: 'gap', from, to: wall, because: 'it was too old', recovered: 0 }
    const { events, reached } = await publish([gap, seen('ADDED', object(7))], { fails })
    expect(events).toHaveLength(1)
    expect(reached).toEqual(['7'])
  })
})
