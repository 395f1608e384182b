import { mkdir } from 'node:fs/promises'
import { type Child, startChild } from '../child.ts'
import { type ControlPlane, provideControlPlane } from '../programs/controlplane.ts'
import { type Component, choosePlace, type Flags, flagsOf, type Place, urlOf } from './components.ts'
import { readAuthority, writeCredentials, writeKubeconfigs } from './credentials.ts'
import { ready } from './ready.ts'

export type ClusterOptions = {
  /** Folder of its state, made where it is missing; one that is there already is gone on with. */
  dir: string
  /** Beside etcd and the API server: controllers, scheduler, and kwok for nodes. */
  controllers?: boolean
  /** Flags beside ours, or in their place, without dashes. */
  flags?: Partial<Record<Component, Flags>>
  /** Told what takes time. */
  say?: (line: string) => void
  /** Takes what the processes log. */
  line?: (component: Component, text: string) => void
}

/** What starts the processes of one cluster: each again and again, on the same port and store. */
export type ClusterLauncher = {
  place: Place
  programs: ControlPlane
  /** Resolves when it is ready; rejects with its last lines when it does not come up. In the order of `components`. */
  launch(component: Component): Promise<{ child: Child }>
}

/** Gets the programs, ports and credentials of a cluster. */
export async function clusterLauncher(options: ClusterOptions): Promise<ClusterLauncher> {
  const { dir, flags, line, say } = options
  const programs = await provideControlPlane(options, say)
  const place = await choosePlace(dir)
  await mkdir(dir, { recursive: true })
  await writeCredentials(dir)

  async function launch(component: Component): Promise<{ child: Child }> {
    const all: Flags = { ...flagsOf[component](place), ...flags?.[component] }
    const child = await startChild(
      programs.path(component),
      Object.entries(all).map(([name, value]) => `--${name}=${value}`),
      { cwd: dir, ...(line && { line: text => line(component, text) }) },
    )
    try {
      await ready(component, child, place)
      if (component === 'kube-apiserver') await shareAuthority()
      return { child }
    } catch (error) {
      await child.kill()
      throw error
    }
  }

  async function shareAuthority(): Promise<void> {
    const url = urlOf('kube-apiserver', place.ports['kube-apiserver'])
    await writeKubeconfigs(dir, { url, ca: (await readAuthority(dir)) ?? '' })
  }

  return { place, programs, launch }
}

/** Did a process not come up because somebody else listens on its port by now? */
export const isPortTaken = (error: unknown): boolean =>
  error instanceof Error && error.message.includes('address already in use')
