import { join } from 'node:path'
import { executables, isExecutable } from './find.ts'
import { buildSource, builtBefore } from './gomodule.ts'
import { kubernetesVersion, type Source, sources } from './module.ts'
import type { Say } from './table.ts'
import { versionOf } from './version.ts'

/** Executables of a control plane that run here. */
export type ControlPlane = {
  /** Of Kubernetes: `1.36.3`. */
  version: string
  /** Where an executable is. */
  path(binary: string): string
}

/** What an API server needs, and what makes pods of Deployments run on nodes beside it. */
export const binariesOf = {
  server: ['etcd', 'kube-apiserver', 'kubectl'],
  controllers: ['kube-controller-manager', 'kube-scheduler', 'kwok'],
}

/**
 * Finds the executables, from `KUBEBUILDER_ASSETS`, else from the cache, or builds them.
 * @throws Error telling why it cannot, and what to do
 */
export async function provideControlPlane(
  { controllers = false }: { controllers?: boolean },
  say: Say = line => console.error(line),
): Promise<ControlPlane> {
  const assets = await usableAssets(controllers, say)
  const { found, lacking } = look(controllers, assets?.folder)
  const why = whyNotBuilt(lacking)
  if (why) throw new Error(`Cannot get a Kubernetes control plane: ${why}`)
  for (const source of lacking) {
    const folder = await buildSource(source, say)
    for (const binary of Object.keys(source.packages)) {
      if (!found.has(binary)) found.set(binary, join(folder, binary))
    }
  }
  return {
    version: assets?.version ?? kubernetesVersion,
    path(binary) {
      const path = found.get(binary)
      if (path === undefined) throw new Error(`Nobody asked for "${binary}" of the control plane`)
      return path
    },
  }
}

/** Why there can be no control plane on this machine, or undefined where it is there or can be built. */
export function whyNoControlPlane({
  controllers = false,
  go = executables('go'),
}: {
  controllers?: boolean
  go?: string[]
}): string | undefined {
  return whyNotBuilt(look(controllers, process.env.KUBEBUILDER_ASSETS).lacking, go)
}

function whyNotBuilt(lacking: Source[], go = executables('go')): string | undefined {
  if (lacking.length === 0 || go.length > 0) return undefined
  const names = lacking.map(({ name }) => name).join(', ')
  return `there is no "go" on the PATH to build ${names} with; install Go from https://go.dev/dl, or set KUBEBUILDER_ASSETS to a folder of envtest's`
}

function look(
  controllers: boolean,
  assets: string | undefined,
): { found: Map<string, string>; lacking: Source[] } {
  const found = new Map<string, string>()
  const lacking = new Set<Source>()
  for (const binary of [...binariesOf.server, ...(controllers ? binariesOf.controllers : [])]) {
    const source = sources.find(({ packages }) => binary in packages)
    const given = assets && join(assets, binary)
    const folder = given && isExecutable(given) ? assets : source && builtBefore(source)
    if (folder) found.set(binary, join(folder, binary))
    else if (source) lacking.add(source)
  }
  return { found, lacking: [...lacking] }
}

/** The assets, unless our own controllers would be newer than their API server, which Kubernetes does not support. */
async function usableAssets(
  controllers: boolean,
  say: Say,
): Promise<{ folder: string; version: string } | undefined> {
  const folder = process.env.KUBEBUILDER_ASSETS
  if (!folder) return undefined
  const version = await versionOf(join(folder, 'kube-apiserver'))
  if (!version) {
    throw new Error(`KUBEBUILDER_ASSETS is "${folder}", which has no "kube-apiserver" that runs here`)
  }
  const complete = binariesOf.controllers.slice(0, 2).every(binary => isExecutable(join(folder, binary)))
  if (!controllers || complete || sameMinor(version, kubernetesVersion)) return { folder, version }
  say(
    `KUBEBUILDER_ASSETS has Kubernetes ${version} without controllers; using ${kubernetesVersion} of our own`,
  )
  return undefined
}

const sameMinor = (a: string, b: string) => a.split('.')[1] === b.split('.')[1]
