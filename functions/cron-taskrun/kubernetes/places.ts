import { KubernetesError } from '../../../shared/adapters/kubernetes.ts'
import type { Executor, Place } from '../executor.ts'
import { choose, wishOf } from './choose.ts'
import { hasNode, readNodes } from './nodes.ts'
import { forbidden } from './privileged.ts'
import type { Allowed, Ask } from './world.ts'

/** Where a Task runs in a cluster; a place without a name is wherever the scheduler puts it. */
export function placesIn(world: { json: Ask } & Pick<Allowed, 'privilegedNamespaces'>): Executor['places'] {
  return async ({ run, task, host }) => {
    const { namespace, uid } = run.metadata
    const problem = forbidden(task, namespace, world.privilegedNamespaces)
    if (problem !== undefined) return { problem, never: true }
    if (host === undefined || host === '') return [{ name: '' }]
    const names = await nodesFor(world.json, { host, uid })
    return 'problem' in names ? names : names.map((name): Place => ({ name }))
  }
}

// What else somebody writes there is not asked for: a field selector would read its commas.
const nodeName = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/

async function nodesFor(
  json: Ask,
  { host, uid }: { host: string; uid: string },
): Promise<string[] | { problem: string; never?: true }> {
  const wish = wishOf(host)
  if (wish.by === 'name') {
    if (nodeName.test(wish.name) && (await hasNode(json, wish.name))) return [wish.name]
    return { problem: `There is no node "${wish.name}" in the cluster` }
  }
  if (wish.by === 'word') return choose(wish, { nodes: await readNodes(json), uid })
  try {
    return choose(wish, { nodes: await readNodes(json, wish.selector), uid })
  } catch (error) {
    if (!(error instanceof KubernetesError) || error.status !== 400) throw error
    return { problem: `Cannot read the label selector "${host}": ${error.message}`, never: true }
  }
}
