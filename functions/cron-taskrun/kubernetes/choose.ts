import { hash } from 'node:crypto'
import type { Node } from './nodes.ts'

/** The words that stand for nodes: of which kind, and whether one of them or all. */
const words: Record<string, { kind: 'node' | 'master' | 'worker'; one: boolean }> = {
  anynode: { kind: 'node', one: true },
  anymaster: { kind: 'master', one: true },
  anyworker: { kind: 'worker', one: true },
  all: { kind: 'node', one: false },
  allmasters: { kind: 'master', one: false },
  allworkers: { kind: 'worker', one: false },
}

/** How a Task says where it runs. */
export type Wish =
  | { by: 'word'; kind: 'node' | 'master' | 'worker'; one: boolean }
  | { by: 'selector'; selector: string }
  | { by: 'name'; name: string }

/** Reads a Task's `host`. */
export function wishOf(host: string): Wish {
  const word = Object.hasOwn(words, host) ? words[host] : undefined
  if (word) return { by: 'word', ...word }
  return host.includes('=') ? { by: 'selector', selector: host } : { by: 'name', name: host }
}

const masterLabels = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master']

const is = {
  node: () => true,
  master: ({ labels }: Node) => masterLabels.some(label => label in labels),
  worker: (node: Node) => !is.master(node),
}

/**
 * The names of the nodes that are meant, or why there are none. One that is not ready gets no work; one that is cordoned
 * only where all are asked for. Of several that would do, `uid` always means the same one, as long as that one would do.
 */
export function choose(
  wish: Exclude<Wish, { by: 'name' }>,
  { nodes, uid }: { nodes: Node[]; uid: string },
): string[] | { problem: string } {
  const selected = wish.by === 'selector'
  const fitting = selected ? nodes : nodes.filter(is[wish.kind])
  const what = selected ? `node with the labels "${wish.selector}"` : wish.kind
  if (fitting.length === 0) return { problem: `There is no ${what} in the cluster` }
  const one = !selected && wish.one
  const good = fitting.filter(({ ready, schedulable }) => ready && (schedulable || !one))
  if (good.length > 0) return one ? [drawn(good, uid)] : good.map(({ name }) => name)
  const state = one ? 'ready and takes work' : 'ready'
  return { problem: `None of ${fitting.length} is ${state}: ${what}` }
}

function drawn(nodes: Node[], uid: string): string {
  const drawnBy = ({ name }: Node) => hash('sha256', `${uid}/${name}`)
  return nodes.reduce((best, node) => (drawnBy(node) > drawnBy(best) ? node : best)).name
}
