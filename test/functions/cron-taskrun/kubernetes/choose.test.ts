import { describe, expect, it } from 'vitest'
import { choose, wishOf } from '../../../../functions/cron-taskrun/kubernetes/choose.ts'
import type { Node } from '../../../../functions/cron-taskrun/kubernetes/nodes.ts'

const node = (name: string, over: Partial<Node> = {}): Node => ({
  ...{ name, labels: {}, ready: true, schedulable: true, ...over },
})
const master = { labels: { 'node-role.kubernetes.io/control-plane': '' } }
const oldMaster = { labels: { 'node-role.kubernetes.io/master': 'true' } }
const nodes = [
  node('m1', master),
  node('m2', oldMaster),
  node('m3', { ...master, ready: false }),
  node('w1'),
  node('w2', { schedulable: false }),
  node('w3', { ready: false }),
]

function chosen(host: string, from = nodes, uid = 'u') {
  const wish = wishOf(host)
  return wish.by === 'name' ? wish : choose(wish, { nodes: from, uid })
}

const tables: [host: string, from: Node[], expected: ReturnType<typeof chosen>][] = [
  ['all', nodes, ['m1', 'm2', 'w1', 'w2']],
  ['allmasters', nodes, ['m1', 'm2']],
  ['allworkers', nodes, ['w1', 'w2']],
  ['anyworker', nodes, ['w1']],
  ['zone=a,disk!=hdd', nodes, ['m1', 'm2', 'w1', 'w2']],
  ['any-node', nodes, { by: 'name', name: 'any-node' }],
  ['constructor', nodes, { by: 'name', name: 'constructor' }],
  ['anynode', [], { problem: 'There is no node in the cluster' }],
  ['anymaster', [node('w1')], { problem: 'There is no master in the cluster' }],
  ['allworkers', [node('m1', master)], { problem: 'There is no worker in the cluster' }],
  ['zone=b', [], { problem: 'There is no node with the labels "zone=b" in the cluster' }],
  ['all', [node('w', { ready: false })], { problem: 'None of 1 is ready: node' }],
  ['anynode', [node('w', { schedulable: false })], { problem: 'None of 1 is ready and takes work: node' }],
]

describe('choose()', () => {
  it.each(tables)('of "%s"', (host, from, expected) => {
    expect(chosen(host, from)).toEqual(expected)
  })

  it('chooses the same node for a run each time, also when others come and go, and others for others', () => {
    const many = Array.from({ length: 20 }, (_, index) => node(`n${index}`))
    const of = (uid: string, from = many) => {
      const names = chosen('anynode', from, uid)
      return Array.isArray(names) ? names[0] : undefined
    }
    const uids = Array.from({ length: 200 }, (_, index) => `uid-${index}`)
    expect(new Set(uids.map(uid => of(uid))).size).toBe(20)
    for (const uid of uids) {
      const one = of(uid)
      expect(of(uid)).toBe(one)
      expect(of(uid, [...many.filter(({ name }) => name === one), ...many.slice(0, 7)])).toBe(one)
    }
  })
})
