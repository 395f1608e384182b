import { describe, expect, it } from 'vitest'
import { commonRules } from '../../../shared/causes/common.ts'
import { linksOf } from '../../../shared/causes/links.ts'
import { becauses } from '../../../shared/causes/reach.ts'
import { causeRules, linkRules } from '../../../shared/causes/rules.ts'
import { sharedBy, signsOf } from '../../../shared/causes/signs.ts'
import { keysOf } from '../../../shared/causes/ties.ts'
import { type Said, stored } from '../../stored.ts'

const at = '2026-05-04T10:20:00Z'
const later = (seconds: number) => Date.parse(at) + seconds * 1_000
const said = (given: Partial<Said>): Said => ({ at, name: 'web-1', reason: 'FailedMount', ...given })
const event = (given: Partial<Said>) => stored(said(given))
const volume = { severity: 'warning', category: 'volume' } as const

describe('the rules', () => {
  it('have names of their own, and say why', () => {
    const names = [...causeRules, ...commonRules].map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    for (const { name } of [...linkRules, ...commonRules]) expect(becauses[name]).toMatch(/^[a-z]/)
  })
})

// [what an event is tied by, the event, the keys]
const ties: [Parameters<typeof keysOf>[0], Partial<Said>, string[]][] = [
  ['node', { kind: 'Node', name: 'node-1' }, ['prod/node-1']],
  ['node', { node: 'node-1' }, ['prod/node-1']],
  ['node', {}, []],
  ['claim', { kind: 'PersistentVolumeClaim', name: 'data' }, ['prod/shop/data']],
  ['claim', { data: { claims: [{ name: 'data', storageClass: 'fast' }] } }, ['prod/shop/data']],
  ['claim', { data: { claims: ['data', 'logs'] } }, ['prod/shop/data', 'prod/shop/logs']],
  ['claim', { message: 'persistentvolumeclaim "data" not found' }, ['prod/shop/data']],
  ['claim', { data: { claims: 'data' } }, []],
  ['volume', { kind: 'PersistentVolume', name: 'pv-1', namespace: '' }, ['prod/pv-1']],
  ['volume', { kind: 'PersistentVolumeClaim', name: 'data', data: { uid: '47-11' } }, ['prod/pvc-47-11']],
  ['volume', { message: 'MountVolume.SetUp failed for volume "pv-1" : timed out' }, ['prod/pv-1']],
  ['object', {}, ['prod/Pod/shop/web-1']],
  ['name', {}, ['prod/shop/web-1']],
]

describe('an event is tied', () => {
  it.each(ties)('by %s: %j', (tie, given, keys) => {
    expect(keysOf(tie, 'effect', event(given))).toEqual(keys)
  })

  it('to the pod that it made room for, by its uid', () => {
    const uid = 'a92844be-1d7b-4f27-ac64-5aeb00eb6a15'
    const effect = event({ reason: 'Preempted', message: `Preempted by pod ${uid} on node node-2` })
    expect(keysOf('preemptor', 'effect', effect)).toEqual([`prod/${uid}`])
    expect(keysOf('preemptor', 'cause', event({ data: { uid } }))).toEqual([`prod/${uid}`])
  })
})

// [what several share, an event that tells of it]
const shared: [string | undefined, Partial<Said>][] = [
  ['StorageClass fast', { ...volume, data: { claims: [{ name: 'data', storageClass: 'fast' }] } }],
  [
    'StorageClass fast',
    {
      ...{ ...volume, kind: 'PersistentVolumeClaim', name: 'data', reason: 'ProvisioningFailed' },
      message: 'storageclass.storage.k8s.io "fast" not found',
    },
  ],
  [
    'CSIDriver disk.csi.example.com',
    {
      ...volume,
      message: 'timed out waiting for external-attacher of disk.csi.example.com CSI driver to attach',
    },
  ],
  ['Storage storage', { ...volume, message: 'timed out waiting for the condition' }],
  [
    undefined,
    { ...volume, message: 'MountVolume.SetUp failed for volume "c" : configmap "settings" not found' },
  ],
  [undefined, { ...volume, message: 'references non-existent secret key: tls.crt' }],
  [
    'Webhook policy.example.com',
    {
      ...{ kind: 'ReplicaSet', reason: 'FailedCreate', severity: 'warning' },
      message:
        'Internal error occurred: failed calling webhook "policy.example.com": context deadline exceeded',
    },
  ],
  [
    'ResourceQuota pods',
    {
      ...{ kind: 'ReplicaSet', reason: 'FailedCreate', severity: 'warning' },
      message: 'pods "web-1" is forbidden: exceeded quota: pods, requested: pods=1',
    },
  ],
  [
    'Registry registry.example.com',
    { reason: 'Failed', message: 'Failed to pull image "registry.example.com/web:1": dial tcp: i/o timeout' },
  ],
  [
    'Registry docker.io',
    { reason: 'Failed', message: 'Failed to pull image "acme/web:1": 503 Service Unavailable' },
  ],
  [undefined, { reason: 'Failed', message: 'Failed to pull image "registry.example.com/web:1": not found' }],
]

describe('what several may share', () => {
  it.each(shared)('is %s', (wanted, given) => {
    const [found] = sharedBy(event(given))
    expect(found && `${found.shared.kind} ${found.shared.name}`).toBe(wanted)
  })
})

const node = (given: Partial<Said> = {}) =>
  event({ kind: 'Node', name: 'node-1', reason: 'NodeNotReady', ...given })
const onNode = (given: Partial<Said> = {}) => event({ reason: 'Killing', node: 'node-1', ...given })
const rulesOf = (...events: ReturnType<typeof event>[]) =>
  linksOf(events.flatMap(signsOf)).map(({ rule }) => rule)

describe('a link', () => {
  it('needs an effect in its time', () => {
    expect(rulesOf(node(), onNode({ at: later(600) }))).toEqual(['node-trouble'])
    expect(rulesOf(node(), onNode({ at: later(620) }))).toEqual([])
    expect(rulesOf(node(), onNode({ at: later(-30) }))).toEqual(['node-trouble'])
    expect(rulesOf(node(), onNode({ at: later(-50) }))).toEqual([])
  })

  it('needs the same node, of the same cluster, and an event that may follow from it', () => {
    expect(rulesOf(node(), onNode({ node: 'node-2' }))).toEqual([])
    expect(rulesOf(node(), onNode({ cluster: 'test' }))).toEqual([])
    expect(rulesOf(node(), onNode({ reason: 'Started' }))).toEqual([])
    expect(rulesOf(node({ reason: 'NodeReady' }), onNode())).toEqual([])
  })

  it('needs two roots that share a storage class, and three where nothing is known', () => {
    const pod = (name: string, given: Partial<Said> = {}) => event({ ...volume, name, ...given })
    const fast = { data: { claims: [{ name: 'data', storageClass: 'fast' }] } }
    expect(rulesOf(pod('a'), pod('b'))).toEqual([])
    expect(rulesOf(pod('a'), pod('b'), pod('c'))).toEqual(['storage', 'storage', 'storage'])
    expect(rulesOf(pod('a', fast), pod('b', fast))).toEqual(['storage-class', 'storage-class'])
    expect(rulesOf(pod('a', fast), pod('b', { ...fast, at: later(1_000) }))).toEqual([])
    expect(rulesOf(pod('a'), pod('b'), pod('c', { reason: 'FailedAttachVolume' }))).toEqual([])
  })

  it('counts a root once, though it has two ids around a full hour', () => {
    const hour = (name: string, time: string) => event({ ...volume, name, at: time })
    const own = [hour('a', '2026-05-04T10:59:30Z'), hour('a', '2026-05-04T11:00:30Z')]
    expect(rulesOf(...own, hour('b', '2026-05-04T11:00:30Z'))).not.toContain('storage')
  })
})

describe('signs', () => {
  it('are few: ordinary events give none', () => {
    for (const reason of ['Scheduled', 'Pulled', 'Created', 'Started', 'SuccessfulCreate'])
      expect(signsOf(event({ reason, node: 'node-1' }))).toEqual([])
  })

  it('are none of what a hook tells again, on a subject of alerts', () => {
    const first = event(volume)
    expect(signsOf(first).length).toBeGreaterThan(0)
    expect(signsOf({ ...first, subject: first.subject.replace(/events$/, 'alerts') })).toEqual([])
  })

  it('stay short, however long the names are', () => {
    const long = event({
      ...volume,
      data: { claims: [{ name: 'x'.repeat(5_000), storageClass: 'y'.repeat(5_000) }] },
    })
    expect(signsOf(long).length).toBeGreaterThan(1)
    for (const { key } of signsOf(long)) expect(key.length).toBeLessThan(250)
    expect(signsOf({ ...long, correlation: 'z'.repeat(5_000) })).toEqual([])
    expect(signsOf({ ...long, correlation: null })).toEqual([])
  })
})
