import { readFile } from 'node:fs/promises'
import type { Child } from '../child.ts'
import { type Component, components, urlOf } from './components.ts'
import { files, tokenOf } from './credentials.ts'
import { type Kubectl, kubectlOf } from './kubectl.ts'
import { type ClusterOptions, clusterLauncher, isPortTaken } from './launch.ts'

/** A Kubernetes control plane on this machine's loopback. It dies with the process that started it. */
export type Cluster = {
  /** Path of a kubeconfig that may do everything. */
  kubeconfig: string
  /** Of the API server, with the authority of its certificate (PEM) and the token that may do everything. */
  url: string
  port: number
  ca: string
  token: string
  /** Of Kubernetes: `1.36.3`. */
  version: string
  etcd: { url: string }
  /** Of the processes that run now: other ones after a restart. */
  readonly pids: Partial<Record<Component, number>>
  /** As the user who may do everything. */
  kubectl: Kubectl
  /** Signals a process, SIGKILL unless told, and waits for its end (not for SIGSTOP and SIGCONT). */
  kill(component: Component, signal?: NodeJS.Signals): Promise<void>
  /** Runs a process again on the same port and store, killed first where it still runs. Resolves when it is ready. */
  restart(component: Component): Promise<void>
  /** Ends all of them; what is stored stays. */
  stop(): Promise<void>
}

/**
 * Starts a cluster; resolves when its API server is ready, and with controllers when these are.
 * @throws Error with the last lines of the process that does not come up, or why there can be none here
 */
export async function startKubernetes(options: ClusterOptions): Promise<Cluster> {
  try {
    return await start(options)
  } catch (error) {
    // A port that was free may be gone by the time it is used.
    if (isPortTaken(error)) return start(options)
    throw error
  }
}

async function start(options: ClusterOptions): Promise<Cluster> {
  const { place, programs, launch } = await clusterLauncher(options)
  const { dir, ports } = place
  const running = new Map<Component, Child>()
  const run = async (component: Component) => {
    running.set(component, (await launch(component)).child)
  }
  const stop = async () => {
    const { etcd, ...others } = Object.fromEntries(running)
    await Promise.all(Object.values(others).map(child => child.stop(1_000)))
    await etcd?.stop()
  }

  try {
    const [etcd, server, ...controllers] = components
    await run(etcd)
    await run(server)
    const started = await Promise.allSettled(options.controllers ? controllers.map(run) : [])
    for (const one of started) if (one.status === 'rejected') throw one.reason
  } catch (error) {
    await stop()
    throw error
  }

  const kubeconfig = files(dir).kubeconfig('admin')
  return {
    kubeconfig,
    url: urlOf('kube-apiserver', ports['kube-apiserver']),
    port: ports['kube-apiserver'],
    ca: await readFile(files(dir).authority, 'utf8'),
    token: tokenOf(dir, 'admin'),
    version: programs.version,
    etcd: { url: urlOf('etcd', ports.etcd) },
    get pids() {
      return Object.fromEntries([...running].map(([component, { pid }]) => [component, pid]))
    },
    kubectl: kubectlOf(programs.path('kubectl'), { dir, kubeconfig }),
    kill: async (component, signal) => running.get(component)?.kill(signal),
    async restart(component) {
      await running.get(component)?.kill()
      await run(component)
    },
    stop,
  }
}
