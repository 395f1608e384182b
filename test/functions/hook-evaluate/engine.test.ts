import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { engineOf } from '../../../functions/hook-evaluate/engine.ts'
import type { EngineHook } from '../../../functions/hook-evaluate/hook-index.ts'
import { judge } from '../../../functions/hook-evaluate/match.ts'
import { subjectMatches } from '../../../shared/subject.ts'

const hook = (id: string, part: Partial<EngineHook>): EngineHook => ({
  id,
  subject: 'ops.>',
  include: [],
  exclude: [],
  matchMode: 'ANY',
  matchType: 'CONTAINS',
  ...part,
})

// The hooks of "Why operations events", 2025.
const documented = [
  hook('nodes-p0', {
    subject: 'ops.clusters.*.nodes.*.events',
    include: ['NodeNotReady', 'NodeReady'],
    exclude: ['cn-beijing'],
  }),
  hook('custom-disable', { subject: 'ops.clusters.*.nodes.*.events', include: ['10005'] }),
  hook('convert-clusters-pods-events-to-alerts', {
    subject: 'ops.clusters.*.namespaces.*.pods.*.events',
    include: ['.*(BackOff|OOMKilled|Evicted|NetworkNotReady|Unhealthy|Error|Failed|ImagePullBackOff).*'],
    matchMode: 'ALL',
    matchType: 'REGEX',
  }),
  hook('post-cluster-pod-ops-agent', {
    subject: 'ops.clusters.*.namespaces.*.pods.*.alerts',
    include: [
      '.*(kube-apiserver-|kube-controller-manager-|kube-scheduler-|kube-proxy-|etcd-|calico-|csi-nfs-|fluid-system).*',
    ],
    matchType: 'REGEX',
  }),
]
const node = 'ops.clusters.c1.nodes.n1.events'
const pod = 'ops.clusters.c1.namespaces.ns1.pods.p1.events'

describe('engineOf() with the documented hooks', () => {
  const engine = engineOf(documented)
  const fired = (subject: string, text: string) =>
    engine.firing(subject, () => text).map(({ hook, because }) => `${hook.id}: ${because}`)

  test('tells of a node that is not ready, unless it is in Beijing', () => {
    const text = 'cluster: c1 \nnode: n1 \ntype: Normal \nreason: NodeNotReady \n'
    expect(fired(node, text)).toEqual(['nodes-p0: has "NodeNotReady"'])
    expect(fired(node, `${text}message: in cn-beijing \n`)).toEqual([])
  })

  test('cordons a node on 10005, in the order of the hooks', () => {
    expect(fired(node, 'reason: NodeReady \nmessage: code 10005 \n')).toEqual([
      'nodes-p0: has "NodeReady"',
      'custom-disable: has "10005"',
    ])
  })

  test('makes alerts of bad pod events, and hands those of the control plane on', () => {
    const text = 'pod: etcd-0 \nreason: BackOff \n'
    expect(fired(pod, text)).toEqual([
      `convert-clusters-pods-events-to-alerts: has "${documented[2]?.include[0]}"`,
    ])
    expect(fired('ops.clusters.c1.namespaces.ns1.pods.etcd-0.alerts', text)).toHaveLength(1)
    expect(fired(pod, 'pod: etcd-0 \nreason: Pulled \n')).toEqual([])
  })

  test('covers the subjects of its hooks and no others', () => {
    expect(engine.covers(node)).toBe(true)
    expect(engine.covers('ops.clusters.c1.namespaces.ns1.deployments.d1.events')).toBe(false)
  })

  test('explains every hook, with the reason judge() gives', () => {
    const text = 'node: n1 \nreason: NodeReady \nmessage: in cn-beijing \n'
    expect(engine.explain(node, text).map(({ verdict }) => verdict.because)).toEqual([
      'excluded by "cn-beijing"',
      'no "10005"',
      `subject "${node}" is not in "ops.clusters.*.namespaces.*.pods.*.events"`,
      `subject "${node}" is not in "ops.clusters.*.namespaces.*.pods.*.alerts"`,
    ])
  })
})

describe('engineOf()', () => {
  const never = () => {
    throw new Error('The text was asked for')
  }

  test('does not ask for the text where no subject matches, or no hook that matches has keywords', () => {
    const engine = engineOf([
      hook('all', { subject: 'ops.a' }),
      hook('some', { subject: 'ops.b', include: ['x'] }),
    ])
    expect(engine.firing('ops.c', never)).toEqual([])
    expect(engine.firing('ops.a', never).map(({ because }) => because)).toEqual(['no keywords'])
    expect(() => engine.firing('ops.b', never)).toThrow('The text was asked for')
  })

  test('is at peace with no hooks at all', () => {
    const engine = engineOf([])
    expect(engine.covers('ops.a')).toBe(false)
    expect(engine.firing('ops.a', never)).toEqual([])
    expect(engine.explain('ops.a', 'x')).toEqual([])
  })

  test('leaves out a hook with a pattern that cannot be compiled, and says so', () => {
    const engine = engineOf([
      hook('ns/bad', { include: ['(?<=a)b'], matchType: 'REGEX' }),
      hook('ns/good', { include: ['b'], matchType: 'REGEX' }),
    ])
    expect(engine.refused).toEqual([
      {
        id: 'ns/bad',
        because: 'Cannot compile pattern "(?<=a)b": look-behind at position 0 is not in RE2 syntax',
      },
    ])
    expect(engine.firing('ops.a', () => 'ab').map(({ hook }) => hook.id)).toEqual(['ns/good'])
  })

  test('takes over the patterns of the engine it follows', () => {
    const hooks = [hook('a', { include: ['a.b'], exclude: ['c+'], matchType: 'REGEX' })]
    const before = engineOf(hooks)
    expect([...engineOf(hooks, before).patterns.values()]).toEqual([...before.patterns.values()])
    expect(engineOf([], before).patterns.size).toBe(0)
  })

  test('finds a word that ends another, begins another or stands in Chinese', () => {
    const words = ['BackOff', 'ImagePullBackOff', 'Off', 'Image', '节点异常', '异常']
    const engine = engineOf(words.map(word => hook(word, { include: [word] })))
    const found = (text: string) => engine.firing('ops.a', () => text).map(({ hook }) => hook.id)
    expect(found('ImagePullBackOff')).toEqual(['BackOff', 'ImagePullBackOff', 'Off', 'Image'])
    expect(found('发现节点异常')).toEqual(['节点异常', '异常'])
    expect(found('ImagePull')).toEqual(['Image'])
    expect(found('')).toEqual([])
  })

  test('reads texts and has words of any size', () => {
    const long = 'x'.repeat(5000)
    const engine = engineOf([hook('long', { include: [`${long}y`] }), hook('short', { include: ['y'] })])
    expect(engine.firing('ops.a', () => `${long}${long}y`).map(({ hook }) => hook.id)).toEqual([
      'long',
      'short',
    ])
  })

  test('finds the same when there are more words than full rows', () => {
    const words = Array.from(
      { length: 20_000 },
      (_, index) => `${String.fromCharCode(0x4e00 + index)}-${index}`,
    )
    const engine = engineOf(words.map(word => hook(word, { include: [word] })))
    for (const word of [words[0], words[12_345], words[19_999]]) {
      expect(engine.firing('ops.a', () => `a ${word} b`).map(({ hook }) => hook.id)).toContain(word)
    }
    expect(engine.firing('ops.a', () => '一二三')).toEqual([])
  })

  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '异'), maxLength: 4 })
  const pattern = fc.constantFrom('ab', 'a+b', '(ab|ba)c', '^a', '(?i)AB', '(?=.*ab).*bc', 'a(b|异)c?', '')
  const keywords = (matchType: EngineHook['matchType']) =>
    fc.array(matchType === 'REGEX' ? pattern : letters, { maxLength: 3 })
  const someHook: fc.Arbitrary<EngineHook> = fc
    .constantFrom<EngineHook['matchType'][]>('CONTAINS', 'EXACT', 'REGEX')
    .chain(matchType =>
      fc.record({
        id: fc.constant('ns/any'),
        subject: fc.constantFrom('>', 'ops.>', 'ops.a', 'ops.*', 'ops.*.b', 'ops.b.>'),
        include: keywords(matchType),
        exclude: fc.oneof({ weight: 3, arbitrary: fc.constant<string[]>([]) }, keywords(matchType)),
        matchMode: fc.constantFrom('ANY', 'ALL'),
        matchType: fc.constant(matchType),
      }),
    )
  const event = fc.record({
    subject: fc.constantFrom('ops.a', 'ops.b', 'ops.a.b', 'ops.b.c.d', 'other'),
    text: fc.string({ unit: fc.constantFrom('a', 'b', 'c', '异', ' ', '\n', 'A'), maxLength: 12 }),
  })

  test('fires, and explains, as judge() does hook by hook, event after event', () => {
    fc.assert(
      fc.property(
        fc.array(someHook, { maxLength: 30 }),
        fc.array(event, { minLength: 1, maxLength: 8 }),
        (hooks, events) => {
          const engine = engineOf(hooks)
          for (const { subject, text } of events) {
            const wanted = hooks.filter(({ subject: pattern }) => subjectMatches(pattern, subject))
            const verdicts = wanted.map(hook => ({ hook, ...judge(hook, text) }))
            const firing = verdicts.filter(({ fires }) => fires)
            expect(engine.firing(subject, () => text)).toEqual(
              firing.map(({ hook, because }) => ({ hook, because })),
            )
            expect(engine.covers(subject)).toBe(wanted.length > 0)
            const explained = engine.explain(subject, text).filter(({ hook }) => wanted.includes(hook))
            expect(explained.map(({ verdict }) => verdict.because)).toEqual(
              verdicts.map(({ because }) => because),
            )
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})
