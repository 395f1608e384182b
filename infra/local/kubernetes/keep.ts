import { join } from 'node:path'
import { type Keeper, keeper } from '../keeper.ts'
import { components } from './components.ts'
import { files } from './credentials.ts'
import { type Kubectl, kubectlOf } from './kubectl.ts'
import { clusterLauncher, isPortTaken } from './launch.ts'

/** A cluster that is up: kubectl for it, and the paths by which others get at it. */
export type KeptCluster = { kubectl: Kubectl; paths: { kubeconfig: string; kubectl: string } }

/**
 * A control plane with controllers whose processes are each kept running. `line` takes what they log of errors once
 * all of them are up; `changed` is told of every start.
 */
export function clusterKeeper(options: {
  /** Folder of the local state, in which it gets one of its own. */
  dir: string
  say(line: string): void
  line(component: string, text: string): void
  changed(): void
  /** Ends what kubectl is doing. */
  signal: AbortSignal
}): {
  pids(): Keeper['pids']
  /** @throws Error with the last lines of the process that does not come up, or why there can be none here */
  start(): Promise<KeptCluster>
  stop(): Promise<void>
} {
  const { say, line, signal } = options
  const dir = join(options.dir, 'kubernetes')
  const store = keeper(options)
  const others = keeper(options)
  let up = false

  async function start(): Promise<KeptCluster> {
    const { programs, launch } = await clusterLauncher({
      ...{ dir, say, controllers: true },
      // While they come up they complain about each other; whoever fails then tells it in its last lines.
      line: (component, text) => up && isError(text) && line(component, text),
    })
    const [etcd, server, ...controllers] = components
    say('Starting Kubernetes …')
    await store.keep(etcd, () => launch(etcd))
    await others.keep(server, () => launch(server))
    const kept = controllers.map(component => others.keep(component, () => launch(component)))
    for (const one of await Promise.allSettled(kept)) if (one.status === 'rejected') throw one.reason
    up = true
    const kubeconfig = files(dir).kubeconfig('admin')
    const kubectl = programs.path('kubectl')
    say(`Kubernetes ${programs.version} is up, its kubeconfig is ${kubeconfig}`)
    return { kubectl: kubectlOf(kubectl, { dir, kubeconfig, signal }), paths: { kubeconfig, kubectl } }
  }

  async function stop(): Promise<void> {
    up = false
    await others.stop(1_000)
    // Last, since the others write to it until they end.
    await store.stop(500)
  }

  return {
    pids: () => ({ ...others.pids, ...store.pids }),
    async start() {
      try {
        return await start()
      } catch (error) {
        // A port that was free may be gone by the time it is used.
        if (signal.aborted || !isPortTaken(error)) throw error
        await stop()
        return start()
      }
    },
    stop,
  }
}

// Of caches that catch up a moment later, of a flag that nobody sets, and of a pod that is gone already.
const harmless = /not as new as written version|The manifest file is empty|failed to delete pod .* not found/

const isError = (text: string) =>
  /^[EF]\d{4} |"level":"(error|fatal|panic)"/i.test(text) && !harmless.test(text)
