import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { stringify } from 'yaml'
import type { Cluster } from './cluster.ts'

const run = promisify(execFile)

/** Runs kubectl, and answers with what it printed; `input` is for `-f -`. */
export type Kubectl = (args: string[], input?: string) => Promise<string>

/**
 * kubectl for one kubeconfig; nothing of the user's home is read or written. `signal` ends what is running.
 * @throws Error with what it wrote to stderr when it fails
 */
export function kubectlOf(
  path: string,
  { dir, kubeconfig, signal }: { dir: string; kubeconfig: string; signal?: AbortSignal },
): Kubectl {
  const always = [`--kubeconfig=${kubeconfig}`, `--cache-dir=${join(dir, 'kubectl')}`]
  return async (args, input) => {
    const running = run(path, [...args, ...always], {
      env: { ...process.env, KUBERC: 'off' },
      maxBuffer: 1 << 28,
      ...(signal && { signal }),
    })
    const { stdin } = running.child
    // One that is gone before it read what it was given says itself why.
    stdin?.on('error', () => {})
    // Without an input nothing is written, not even an empty text: kubectl may be gone before this process goes on.
    stdin?.end(input)
    return (await running).stdout
  }
}

/** Creates or changes the objects of a YAML text. */
export async function apply(cluster: Pick<Cluster, 'kubectl'>, yaml: string): Promise<void> {
  await cluster.kubectl(['apply', '-f', '-'], yaml)
}

/** Makes the nodes `node-1` to `node-{count}` that kwok keeps, and waits until they are ready. */
export async function makeNodes(cluster: Pick<Cluster, 'kubectl'>, count: number): Promise<void> {
  const items = Array.from({ length: count }, (_, index) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: `node-${index + 1}`,
      labels: { type: 'kwok', 'kubernetes.io/hostname': `node-${index + 1}` },
      annotations: { 'kwok.x-k8s.io/node': 'fake', 'node.alpha.kubernetes.io/ttl': '0' },
    },
  }))
  await apply(cluster, stringify({ apiVersion: 'v1', kind: 'List', items }))
  await cluster.kubectl(['wait', '--for=condition=Ready', '--timeout=180s', 'nodes', '--selector=type=kwok'])
}

/** Lets a node's heartbeat stop as if its machine had gone down: 20 s later it is NotReady. `makeNodes` brings it back. */
export async function takeDown(cluster: Pick<Cluster, 'kubectl'>, node: string): Promise<void> {
  await cluster.kubectl(['label', 'node', node, 'type-'])
}
