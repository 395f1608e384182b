import { describe, expect, it } from 'vitest'
import { mixed } from '../../../random.ts'
import { recordedRows } from '../../../recorded.ts'
import { storyRig } from './rig.ts'

const rig = await storyRig()

const cut = <T>(all: T[], size: number) =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size))

describe('a node that fails', () => {
  const rows = recordedRows('node-failure')
  const down = rows.find(({ kind, reason }) => kind === 'Node' && reason === 'NodeNotReady')
  const deployments = ['bank/ledger', 'bank/teller', 'shop/cart', 'shop/web']

  it('is one story with all that its pods belong to, whatever of it is asked', async () => {
    await rig.store(rows)
    const story = await rig.story(down?.correlation)
    expect(story).toMatchObject({
      ...{ id: down?.correlation, root: { cluster: 'prod', kind: 'Node', name: 'node-2' } },
      ...{ severity: 'critical', others: [], truncated: false },
    })
    const [first, ...rest] = story.correlations.map(({ root }) => root)
    expect([first, ...rest].filter(root => root?.kind === 'Node')).toHaveLength(1)
    expect(
      rest
        .concat(first)
        .flatMap(root => (root?.namespace ? `${root.namespace}/${root.name}` : []))
        .sort(),
    ).toEqual(deployments)
    for (const { id } of story.correlations) expect(await rig.story(id)).toEqual(story)
  })

  it('shows which pods followed from it, and what only happened to the same', async () => {
    await rig.store(rows)
    const { list, edges } = await rig.story(down?.correlation)
    const evictions = list.filter(({ reason }) => reason === 'TaintManagerEviction')
    expect(evictions).toHaveLength(4)
    for (const { id } of evictions)
      expect(edges).toContainEqual(
        expect.objectContaining({ rule: 'node-trouble', cause: down?.id, effect: id }),
      )
    expect(list.find(({ id }) => id === down?.id)?.role).toBe('cause')
    const pods = list.filter(({ kind, reason }) => kind === 'Pod' && reason === 'Started')
    expect(new Set(pods.map(({ role }) => role))).toEqual(new Set(['beside']))
  })

  it('is none for each pod', async () => {
    await rig.store(rows)
    const { list } = await rig.stories(spanOf(rows))
    expect(list.map(({ root, correlations }) => [root?.kind, root?.name, correlations]).sort()).toEqual([
      ['Node', 'node-1', 1],
      ['Node', 'node-2', 5],
      ['Node', 'node-3', 1],
    ])
  })

  it('is the same in whatever order and batches its events came', async () => {
    await rig.store(rows)
    const told = await rig.story(down?.correlation)
    for (const seed of [1, 2]) {
      await rig.clear()
      const batches = cut(mixed(rows, seed), 10 * seed)
      for (const pair of cut(batches, 2)) await Promise.all(pair.map(batch => rig.store(batch)))
      expect(await rig.story(down?.correlation)).toEqual(told)
    }
  })
})

describe('volumes of tens of services that time out', () => {
  const rows = recordedRows('volume')
  const troubled = rows.filter(
    ({ reason, message }) => reason === 'FailedMount' && /"pv-service/.test(message),
  )

  it('are one story, the storage first, without those that had no trouble', async () => {
    await rig.store(...cut(mixed(rows, 9), 100))
    const story = await rig.story(troubled.at(-1)?.correlation)
    expect(story.root).toMatchObject({ kind: 'StorageClass', name: 'made' })
    const ids = new Set(troubled.map(({ correlation }) => correlation))
    expect(ids.size).toBe(20)
    expect(new Set(story.correlations.map(({ id }) => id))).toEqual(ids)
    const acting = story.list.filter(({ role }) => role !== 'beside' && role !== undefined)
    const storage = acting.findIndex(({ category }) => category === 'volume')
    const restart = acting.findIndex(({ reason }) => reason === 'Killing')
    expect(storage).toBeGreaterThanOrEqual(0)
    expect(restart).toBeGreaterThan(storage)
    for (const killed of story.list.filter(({ reason }) => reason === 'Killing'))
      expect(story.edges).toContainEqual(
        expect.objectContaining({ rule: 'mount-restart', effect: killed.id }),
      )
  })
})

const spanOf = (rows: { time: Date }[]) => {
  const times = rows.map(({ time }) => time.getTime())
  return `start_time=${Math.min(...times)}&end_time=${Math.max(...times) + 1}`
}

// [recording, rule, cause, effect]
const edges = [
  ['unschedulable', 'preempted', 'FailedScheduling', 'Preempted'],
  ['unschedulable', 'no-room', 'FailedScheduling', 'NotTriggerScaleUp'],
  ['image-not-found', 'image-backoff', 'Failed', 'BackOff'],
  ['crash-loop', 'probe-kill', 'Unhealthy', 'Killing'],
  ['crash-loop', 'sandbox-restart', 'FailedCreatePodSandBox', 'SandboxChanged'],
  ['node-pressure', 'evicted-killed', 'Evicted', 'Killing'],
  ['quota', 'scaled', 'ScalingReplicaSet', 'FailedCreate'],
  ['autoscaling', 'rescaled', 'SuccessfulRescale', 'ScalingReplicaSet'],
  ['volume', 'attach-mount', 'FailedAttachVolume', 'FailedMount'],
  ['volume', 'claim-trouble', 'ProvisioningFailed', 'FailedScheduling'],
] as const

describe('the recordings', () => {
  it.each(edges)('of %s have an edge %s, from %s to %s', async (name, rule, cause, effect) => {
    const rows = recordedRows(name)
    await rig.store(rows)
    const reasons = new Map(rows.map(({ id, reason }) => [id, reason]))
    const ends = new Set(rows.filter(({ reason }) => reason === effect).map(({ correlation }) => correlation))
    const stories = []
    for (const end of [...ends].slice(0, 4)) stories.push(await rig.story(end))
    const found = stories.flatMap(story => story.edges).filter(edge => edge.rule === rule)
    expect(found.map(edge => [reasons.get(edge.cause), reasons.get(edge.effect)])).toContainEqual([
      cause,
      effect,
    ])
  })
})
