import { setTimeout as pause } from 'node:timers/promises'
import type { Cluster } from '../../infra/local/kubernetes/cluster.ts'
import { apply, makeNodes } from '../../infra/local/kubernetes/kubectl.ts'
import { apiOf } from '../functions/watcher/events/api.ts'

/** How big the cluster is. */
export type Size = { nodes: number; pods: number }

const deployments = 5

const deployment = (name: string, replicas: number) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  replicas: ${replicas}
  strategy: { rollingUpdate: { maxSurge: 5, maxUnavailable: 5 } }
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { containers: [{ name: web, image: web }] }
`

/** Makes nodes, rolls out the pods, and waits until all run. */
export async function rollOut(cluster: Cluster, { nodes, pods }: Size): Promise<void> {
  await makeNodes(cluster, nodes)
  for (let n = 0; n < deployments; n++)
    await apply(cluster, deployment(`web-${n}`, Math.ceil(pods / deployments)))
  for (let n = 0; n < deployments; n++) {
    await cluster.kubectl(['rollout', 'status', `deployment/web-${n}`, '--timeout=300s'])
  }
}

/**
 * One thing after the other happens to the cluster, chosen by `random`, beside events that repeat and are deleted,
 * until `stop`.
 */
export function churn(cluster: Cluster, { nodes, pods, random }: Size & { random: () => number }) {
  const { kubectl } = cluster
  const api = apiOf(cluster)
  const done = new Map<string, number>()
  const one = (count: number) => Math.floor(random() * count)
  const web = () => `deployment/web-${one(deployments)}`
  const node = () => `node-${1 + one(nodes)}`
  const each = Math.ceil(pods / deployments)

  const things: Record<string, () => Promise<unknown>> = {
    'a rollout': () => kubectl(['rollout', 'restart', web()]),
    async 'a scaling'() {
      const which = web()
      await kubectl(['scale', which, `--replicas=${Math.ceil(each / 2)}`])
      await pause(1_000)
      await kubectl(['scale', which, `--replicas=${each}`])
    },
    async 'a drained node'() {
      const which = node()
      await kubectl(['drain', which, '--ignore-daemonsets', '--force', '--timeout=20s'])
      await kubectl(['uncordon', which])
    },
    async 'a tainted node'() {
      const which = node()
      await kubectl(['taint', 'node', which, 'soak=here:NoExecute', '--overwrite'])
      await pause(1_000)
      await kubectl(['taint', 'node', which, 'soak:NoExecute-'])
    },
    async 'a node gone'() {
      await kubectl(['delete', 'node', node(), '--wait=false'])
      await pause(2_000)
      await makeNodes(cluster, nodes)
    },
  }

  const stopping = new AbortController()
  const traffic = api.traffic(200)
  const run = async () => {
    const names = Object.keys(things)
    while (!stopping.signal.aborted) {
      const name = names[one(names.length)] ?? ''
      // While the API server is away, or a node just goes, nothing can be done.
      const worked = await things[name]?.().then(
        () => true,
        () => false,
      )
      if (worked) done.set(name, (done.get(name) ?? 0) + 1)
      await pause(1_000 + random() * 2_000, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }
  const running = run()
  return {
    /** What happened, and how often. */
    done,
    async stop() {
      stopping.abort()
      await Promise.all([running, traffic.stop()])
      await api.close()
    },
  }
}
