import { describe, expect, it } from 'vitest'
import { KubernetesError } from '../../../../shared/adapters/kubernetes.ts'
import { about, ownedBy, pathOf, recorded, standOf, type Thing, thing } from './stand.ts'

const deployment = thing('Deployment', 'web')
const replicaSet = thing('ReplicaSet', 'web-1', { owner: deployment })
const pod = thing('Pod', 'web-1-a', { owner: replicaSet, spec: { nodeName: 'node-1' } })
const node: Thing = {
  ...{ apiVersion: 'v1', kind: 'Node' },
  metadata: { name: 'node-1', uid: 'n1', labels: { 'topology.kubernetes.io/zone': 'z1' } },
}
const all = [deployment, replicaSet, pod, node]
const owners = [
  { kind: 'ReplicaSet', name: 'web-1', uid: 'ReplicaSet-web-1' },
  { kind: 'Deployment', name: 'web', uid: 'Deployment-web' },
]
const never = () => new Promise(() => {})
const whole = { owners, node: 'node-1', zone: 'z1' }

describe('what is around an event', () => {
  it('is who owns its object, the nearest first, and the node and zone where it runs', async () => {
    const { of, asked } = standOf(all)
    expect(await of(about(pod))).toEqual(whole)
    expect(asked.sort()).toEqual(all.map(pathOf).sort())
  })

  it('is known at once the next time, of every other pod after one question', async () => {
    const other = thing('Pod', 'web-1-b', { owner: replicaSet, spec: { nodeName: 'node-1' } })
    const { of, asked, context } = standOf([...all, other])
    await of(about(pod))
    expect(context.of(about(pod))).toEqual(whole)
    asked.length = 0
    expect(await of(about(other))).toEqual(whole)
    expect(asked).toEqual([pathOf(other)])
  })

  it('is asked for once when several events need it at once', async () => {
    const { of, asked } = standOf(all)
    await Promise.all([of(about(pod)), of(about(pod)), of(about(replicaSet)), of(about(deployment))])
    expect(asked.sort()).toEqual(all.map(pathOf).sort())
  })

  it('has labels and annotations that were chosen, of the object and of its root', async () => {
    const marks = { labels: { app: 'web', other: 'x' }, annotations: { team: 'a'.repeat(5_000) } }
    const marked = (one: Thing) => ({ ...one, metadata: { ...one.metadata, ...marks } })
    const { of } = standOf([marked(deployment), replicaSet, marked(pod), node], {
      enrich: { labels: ['app', 'none'], annotations: ['team'], zone: false, node: false },
    })
    const chosen = { labels: { app: 'web' }, annotations: { team: 'a'.repeat(1_000) } }
    expect(await of(about(pod))).toEqual({ owners, ...chosen, root: chosen })
  })

  it('asks for nothing when nothing is wanted', async () => {
    const { context, asked } = standOf(all, {
      enrich: { owner: false, node: false, zone: false, claims: false },
    })
    expect(context.of(about(pod))).toEqual({})
    expect(asked).toEqual([])
  })

  it('takes the owner that controls, of whatever kind, and ends where they go in a circle', async () => {
    const custom = (kind: string, name: string): Thing => ({
      ...{ apiVersion: 'example.com/v1', kind },
      metadata: { namespace: 'shop', name, uid: name },
    })
    const [a, b] = [custom('Ring', 'a'), custom('Chain', 'b')]
    Object.assign(a.metadata, ownedBy(b))
    Object.assign(b.metadata, ownedBy(a))
    const owned = thing('Pod', 'p', { owner: a, spec: { nodeName: 'node-1' } })
    expect(await standOf([a, b, owned, node]).of(about(owned))).toMatchObject({
      owners: [
        { kind: 'Ring', name: 'a', uid: 'a' },
        { kind: 'Chain', name: 'b', uid: 'b' },
      ],
    })
  })

  it('of a static pod is its node, which does not own its story, under the uid that kubelet gives it', async () => {
    const mirror = thing('Pod', 'etcd-node-1', { owner: node, spec: { nodeName: 'node-1' } })
    Object.assign(mirror.metadata, { annotations: { 'kubernetes.io/config.hash': 'h1' } })
    const { of, asked, context } = standOf([mirror, node])
    const byKubelet = about({ ...mirror, metadata: { ...mirror.metadata, uid: 'h1' } })
    expect(await of(byKubelet)).toEqual({ node: 'node-1', zone: 'z1' })
    expect(context.of(byKubelet)).toEqual({ node: 'node-1', zone: 'z1' })
    expect(asked).toEqual([pathOf(mirror), pathOf(node)])
  })

  it('of a claim of a StatefulSet are its pod and that', async () => {
    const set = thing('StatefulSet', 'db')
    const claim = thing('PersistentVolumeClaim', 'my-data-db-0', { spec: { storageClassName: 'fast' } })
    const volumes = [{ name: 'my-data', persistentVolumeClaim: { claimName: 'my-data-db-0' } }]
    const first = thing('Pod', 'db-0', { owner: set, spec: { nodeName: 'node-1', volumes } })
    const { of } = standOf([set, claim, first, node])
    expect(await of(about(claim))).toEqual({
      owners: [
        { kind: 'Pod', name: 'db-0', uid: 'Pod-db-0' },
        { kind: 'StatefulSet', name: 'db', uid: 'StatefulSet-db' },
      ],
      claims: [{ name: 'my-data-db-0', storageClass: 'fast' }],
    })
    const claims = [{ name: 'my-data-db-0', storageClass: 'fast' }]
    expect(await of(about(first, { reason: 'FailedMount' }))).toMatchObject({ claims })
    expect(await of(about(first, { reason: 'BackOff' }))).not.toHaveProperty('claims')
    const unbound = { reason: 'FailedScheduling', note: 'pod has unbound immediate PersistentVolumeClaims' }
    expect(await of(about(first, unbound))).toMatchObject({ claims })
  })
})

describe('an object that is gone', () => {
  it('is what was known of it, for the last of its events', async () => {
    const stand = standOf([...all])
    await stand.of(about(pod))
    stand.things.splice(stand.things.indexOf(pod), 1)
    stand.pass(3_700_000)
    expect(stand.context.of(about(pod))).toEqual(whole)
    await expect.poll(() => stand.asked.filter(path => path === pathOf(pod))).toHaveLength(2)
    expect(stand.context.of(about(pod))).toEqual(whole)
  })

  it('is asked for once, and its events go on without', async () => {
    const stand = standOf([node])
    expect(await stand.of(about(pod))).toEqual({})
    expect(stand.context.of(about(pod))).toEqual({})
    expect(stand.asked).toEqual([pathOf(pod)])
    expect(stand.left).toEqual([])
  })

  it('is not the one that has its name now', async () => {
    const next = thing('Pod', 'web-1-a', { spec: { nodeName: 'node-1' } })
    next.metadata.uid = 'another'
    const { of, asked, context } = standOf([next, node])
    expect(await of(about(pod))).toEqual({})
    expect(await of(about(next))).toEqual({ node: 'node-1', zone: 'z1' })
    expect(context.of(about(pod))).toEqual({})
    expect(asked).toEqual([pathOf(next), pathOf(node)])
  })

  it('that had no node yet is asked for again, and meanwhile has the owners that are known', async () => {
    const pending: Thing = { ...pod, spec: {} }
    const stand = standOf([deployment, replicaSet, pending, node])
    expect(await stand.of(about(pending))).toEqual({ owners })
    pending.spec = { nodeName: 'node-1' }
    stand.pass(2_000)
    expect(await stand.of(about(pending))).toEqual(whole)
  })
})

describe('what cannot be found out', () => {
  it('in time is left out, and there for the next event', async () => {
    let answer = (_: unknown) => {}
    const hanging = new Promise(resolve => {
      answer = resolve
    })
    const stand = standOf(all, { refuse: path => (path === pathOf(pod) ? hanging : undefined) })
    const found = stand.of(about(pod))
    await expect.poll(() => stand.asked).toHaveLength(1)
    stand.pass(299)
    expect(await Promise.race([found, 'waiting'])).toBe('waiting')
    stand.pass(1)
    expect(await found).toEqual({})
    expect(stand.left).toEqual(['late'])
    answer(pod)
    await expect.poll(() => stand.of(about(pod))).toEqual(whole)
  })

  it('since it may not be seen is said once, and left alone', async () => {
    const refuse = (path: string) =>
      path.includes('/pods/') ? new KubernetesError(403, 'Forbidden', 'pods is forbidden') : undefined
    const stand = standOf(all, { refuse })
    for (let turn = 0; turn < 3; turn++) expect(await stand.of(about(pod))).toEqual({})
    expect(stand.asked).toHaveLength(1)
    expect(stand.said).toEqual([{ kind: 'Pod', namespace: 'shop', err: 'pods is forbidden' }])
    expect(stand.left).toEqual(['forbidden', 'forbidden', 'forbidden'])
    expect(await stand.of(about(replicaSet))).toEqual({ owners: [owners[1]] })
    stand.pass(600_001)
    await stand.of(about(pod))
    expect(stand.asked.filter(path => path === pathOf(pod))).toHaveLength(2)
    expect(stand.said).toHaveLength(1)
  })

  it('since too much was asked holds nobody up, and is asked later', async () => {
    const pods = Array.from({ length: 20 }, (_, at) =>
      thing('Pod', `p-${at}`, { owner: replicaSet, spec: { nodeName: 'node-1' } }),
    )
    const stand = standOf([...all, ...pods], { enrich: { qps: 1, burst: 5, zone: false } })
    const found = await Promise.all(pods.map(one => stand.of(about(one))))
    expect(stand.asked.length).toBe(5)
    expect(found.some(one => one.owners === undefined)).toBe(true)
    expect(new Set(stand.left)).toEqual(new Set(['rate']))
    for (let second = 0; second < 60; second++) {
      stand.pass(1_000)
      await Promise.resolve()
    }
    await expect.poll(() => stand.asked.length).toBeGreaterThan(20)
  })

  it('since the API server has too much to do is left alone for as long as it says', async () => {
    let busy: Error | undefined = new KubernetesError(429, 'TooManyRequests', 'later', 5_000)
    const stand = standOf(all, { refuse: () => busy })
    expect(await stand.of(about(pod))).toEqual({})
    expect(await stand.of(about(pod))).toEqual({})
    expect(stand.asked).toHaveLength(1)
    expect(stand.left).toEqual(['away', 'away'])
    busy = undefined
    stand.pass(4_999)
    expect(await stand.of(about(pod))).toEqual({})
    stand.pass(1)
    expect(await stand.of(about(pod))).toEqual(whole)
  })

  it('since the API server hangs holds up few events, and those not for long', async () => {
    const stand = standOf(all, { refuse: never, enrich: { wait: 0 } })
    const events = Array.from({ length: 100 }, (_, at) => about(thing('Pod', `p-${at}`)))
    const found = Promise.all(events.map(stand.of))
    await expect.poll(() => stand.asked.length).toBe(8)
    stand.pass(0)
    expect(await found).toEqual(events.map(() => ({})))
    expect(stand.asked).toHaveLength(8)
  })

  it.each([
    { name: '..' },
    { name: '.' },
    { name: 'a/b' },
    { name: 'a?b' },
    { namespace: '../default' },
    { apiVersion: '../api/v1' },
    { apiVersion: 'apps/v1/../..' },
  ])('since it is no plain name is not asked for: %j', async given => {
    const { apiVersion = 'v1', ...metadata } = given
    const stand = standOf(all)
    const strange = { ...pod, apiVersion, metadata: { ...pod.metadata, ...metadata } }
    expect(await stand.of(about(strange))).toEqual({})
    expect(stand.asked).toEqual([])
  })
})

describe('what events say themselves', () => {
  const made = about(replicaSet, { reason: 'SuccessfulCreate', note: 'Created pod: web-1-a' })
  const placed = about(pod, { reason: 'Scheduled', note: 'Successfully assigned shop/web-1-a to node-1' })
  const scaled = about(deployment, {
    reason: 'ScalingReplicaSet',
    note: 'Scaled up replica set web-1 from 0 to 1',
  })

  it.each([[[scaled, made, placed]], [[placed, made, scaled]]])('spares the questions', async said => {
    const stand = standOf(all, { enrich: { zone: false } })
    for (const event of said) await stand.of(event)
    stand.asked.length = 0
    expect(await stand.of(about(pod))).toEqual({ owners, node: 'node-1' })
    expect(stand.asked).toEqual([])
  })

  it('is not taken for another one of the same name', async () => {
    const next: Thing = { ...pod, metadata: { ...pod.metadata, uid: 'next', ownerReferences: [] } }
    const stand = standOf([next], { enrich: { zone: false } })
    for (const event of [scaled, made, placed]) await stand.of(event)
    expect(await stand.of(about(next))).toEqual({ node: 'node-1' })
  })
})

describe('a recorded story', () => {
  it.each([
    ['rollout', 'Pod', ['Deployment', 'StatefulSet', 'DaemonSet']],
    ['jobs', 'Pod', ['CronJob', 'Job']],
    ['node-failure', 'Pod', ['Deployment']],
  ])('%s has a root for each %s', async (story, kind, roots) => {
    const { events, things } = recorded(story)
    const stand = standOf(things)
    const found = new Set<string | undefined>()
    for (const event of events) {
      // Of several that had one name after the other the one that is there now.
      stand.things.sort(({ metadata }) => (metadata.uid === event.regarding?.uid ? -1 : 1))
      const { owners: chain } = await stand.of(event)
      if (event.regarding?.kind === kind) found.add(chain?.at(-1)?.kind)
    }
    expect([...found].sort()).toEqual([...roots].sort())
    // Not one question an event: each object once.
    expect(stand.asked.length).toBeLessThanOrEqual(things.length)
    expect(stand.left).toEqual([])
  })

  it('volume names the claims that cannot be mounted', async () => {
    const { events, things } = recorded('volume')
    const stand = standOf(things)
    const mounts = events.filter(({ reason }) => reason === 'FailedMount')
    expect(mounts.length).toBeGreaterThan(20)
    for (const event of mounts) {
      const { claims, owners: chain } = await stand.of(event)
      expect(claims?.[0]?.name).toBeTruthy()
      expect(chain?.length).toBeGreaterThan(0)
    }
  })
})
