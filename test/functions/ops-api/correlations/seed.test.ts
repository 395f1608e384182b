import { describe, expect, it } from 'vitest'
import { randomOf } from '../../../../infra/bench/random.ts'
import { correlationIdOf } from '../../../../shared/correlation.ts'
import type { StoredEvent } from '../../../../shared/stored.ts'
import { mixed } from '../../../random.ts'
import { stored } from '../../../stored.ts'
import { storyRig } from './rig.ts'

const rig = await storyRig()

const start = Date.parse('2026-05-04T14:20:00Z')
const namespaces = ['shop', 'bank', 'mail', 'search']
const second = 1_000

/** Tens of services with intermittent failures: mounts time out at the peak of traffic, and pods restart after it. */
function seedStory(known: Record<string, unknown>): StoredEvent[] {
  const random = randomOf(20260504)
  return Array.from({ length: 36 }, (_, service) => {
    const namespace = namespaces[service % namespaces.length] ?? 'shop'
    const pod = { namespace, name: `service-${service}-6b5-x`, node: `node-${service % 7}` }
    const owners = [`ReplicaSet/service-${service}-6b5`, `Deployment/service-${service}`]
    const began = start + Math.floor(random() * 240) * second
    const at = (later: number) => began + later * second
    const data = { ...known, claims: [{ name: `data-${service}`, ...known }] }
    const message = `MountVolume.SetUp failed for volume "pvc-${service}" : rpc error: code = DeadlineExceeded`
    const volume = { severity: 'error', category: 'volume', reason: 'FailedMount', message, data } as const
    return [
      stored({ ...pod, owners, ...volume, at: at(0) }),
      stored({ ...pod, owners, ...volume, at: at(60) }),
      stored({ ...pod, owners, at: at(130), reason: 'Unhealthy', severity: 'warning', category: 'probe' }),
      stored({
        ...pod,
        owners,
        at: at(140),
        reason: 'Killing',
        message: 'failed liveness probe, will be restarted',
      }),
      stored({
        ...{ ...pod, owners, at: at(170), reason: 'BackOff', severity: 'warning' },
        message: 'Back-off restarting failed container',
      }),
    ]
  }).flat()
}

/** What happens anyway: rollouts, jobs, images of others that are missing, and a probe now and then. */
function noise(): StoredEvent[] {
  const random = randomOf(7)
  const reasons = [
    { reason: 'Scheduled' },
    { reason: 'Pulled', category: 'image' },
    { reason: 'Started' },
    { reason: 'Unhealthy', severity: 'warning', category: 'probe' },
    { reason: 'BackOff', severity: 'warning', category: 'image', message: 'Back-off pulling image "a:1"' },
    {
      reason: 'FailedMount',
      severity: 'warning',
      category: 'volume',
      message: 'configmap "settings" not found',
    },
  ] as const
  return Array.from({ length: 600 }, (_, at) => {
    const app = Math.floor(random() * 60)
    const what = reasons[Math.floor(random() * reasons.length)] ?? reasons[0]
    return stored({
      ...{ at: start + Math.floor(random() * 900) * second, name: `other-${app}-${at}`, ...what },
      ...{
        namespace: namespaces[app % 4] ?? 'shop',
        node: `node-${app % 7}`,
        owners: [`Deployment/other-${app}`],
      },
    })
  })
}

const cut = <T>(all: T[], size: number) =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size))

describe.each([
  ['of one storage class', { storageClass: 'fast' }, 'StorageClass', 'fast'],
  ['of which nothing more is known', {}, 'Storage', 'storage'],
])('the story of the seed, on volumes %s', (_, known, kind, name) => {
  const own = seedStory(known)
  const shared = correlationIdOf({ cluster: 'prod', kind, name }, start)

  it('is one, the storage events before the restarts, and has no noise in it', async () => {
    await rig.store(...cut(mixed([...own, ...noise()], 1), 200))
    const story = await rig.story(own.at(-1)?.correlation)
    expect(story).toMatchObject({
      ...{ id: shared, root: { cluster: 'prod', kind, name }, severity: 'error', truncated: false },
      ...{ events: 180, severities: { error: 72, warning: 72, info: 36 } },
    })
    expect(new Set(story.list.map(({ id }) => id))).toEqual(new Set(own.map(({ id }) => id)))
    expect(story.correlations).toHaveLength(36)
    expect(story.list[0]).toMatchObject({ reason: 'FailedMount', role: 'cause' })
    const at = new Map(story.list.map(({ id }, index) => [id, index]))
    const restarts = story.list.filter(({ reason }) => ['Killing', 'BackOff'].includes(reason))
    for (const { id } of restarts) {
      const cause = story.edges.find(({ rule, effect }) => rule === 'mount-restart' && effect === id)
      expect(at.get(cause?.cause ?? '')).toBeLessThan(at.get(id) ?? 0)
    }
    expect(story.links).toHaveLength(36)
    expect(story.links[0]).toMatchObject({ parent: shared, because: expect.stringMatching(/^several had/) })
  })

  it('is the same from each of its ends, and in whatever order and batches its events came', async () => {
    await rig.store(...cut(mixed(own, 2), 50))
    const told = await rig.story(own[0]?.correlation)
    for (const { correlation } of cut(own, 35).flatMap(([first]) => first ?? []))
      expect(await rig.story(correlation)).toEqual(told)
    expect(await rig.story(shared)).toEqual(told)
    await rig.clear()
    await rig.store(...cut(mixed(own, 3), 17))
    expect(await rig.story(shared)).toEqual(told)
  })

  it('is one line of the newest stories', async () => {
    await rig.store([...own, ...noise()])
    const { list } = await rig.stories(
      'start_time=2026-05-04T14:00:00Z&end_time=2026-05-04T15:00:00Z&severity=error',
    )
    expect(list).toEqual([
      expect.objectContaining({
        ...{ id: shared, root: { cluster: 'prod', kind, name }, events: 72, correlations: 36 },
        ...{ severity: 'error', categories: ['volume'] },
      }),
    ])
  })
})
