import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const under = (path: string) => fileURLToPath(new URL(`../../../test/${path}/`, import.meta.url))

/** Folders of Go modules, used for nothing else, whose go.mod and go.sum pin what is built from them. */
export const moduleFolders = { controlPlane: under('controlplane'), knative: under('knative') }

/** One module of such a go.mod, and the package that each of its executables is built from. */
export type Source = {
  /** Its folder in the cache. */
  name: string
  module: string
  packages: Record<string, string>
  /** The folder of the go.mod. */
  pinnedIn: string
  /** Folders of files that are kept beside the executables, by the name they get there. */
  files?: Record<string, { module: string; folder: string }>
}

/** What a control plane is built from, and Knative. */
export const sources: Source[] = [
  {
    name: 'etcd',
    module: 'go.etcd.io/etcd/server/v3',
    packages: { etcd: 'go.etcd.io/etcd/server/v3' },
    pinnedIn: moduleFolders.controlPlane,
  },
  {
    name: 'kubernetes',
    module: 'k8s.io/kubernetes',
    packages: {
      'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
      kubectl: 'k8s.io/kubernetes/cmd/kubectl',
      'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
      'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
    },
    pinnedIn: moduleFolders.controlPlane,
  },
  {
    name: 'kwok',
    module: 'sigs.k8s.io/kwok',
    packages: { kwok: 'sigs.k8s.io/kwok/cmd/kwok' },
    pinnedIn: moduleFolders.controlPlane,
  },
  {
    name: 'knative-serving',
    module: 'knative.dev/serving',
    packages: {
      queue: 'knative.dev/serving/cmd/queue',
      webhook: 'knative.dev/serving/cmd/webhook',
      controller: 'knative.dev/serving/cmd/controller',
    },
    pinnedIn: moduleFolders.knative,
    files: {
      core: { module: 'knative.dev/serving', folder: 'config/core' },
      networking: { module: 'knative.dev/networking', folder: 'config' },
      caching: { module: 'knative.dev/caching', folder: 'config' },
    },
  },
  {
    name: 'knative-eventing',
    module: 'knative.dev/eventing',
    packages: {
      webhook: 'knative.dev/eventing/cmd/webhook',
      ingress: 'knative.dev/eventing/cmd/broker/ingress',
      filter: 'knative.dev/eventing/cmd/broker/filter',
    },
    pinnedIn: moduleFolders.knative,
    files: { core: { module: 'knative.dev/eventing', folder: 'config/core' } },
  },
]

/** The version of a module in a go.mod, without its "v". */
export function pinned(module: string, folder = moduleFolders.controlPlane): string {
  const required = readFileSync(`${folder}go.mod`, 'utf8')
    .split('\n')
    .map(line => line.trim().split(' '))
    .find(words => words[0] === module && words[1]?.startsWith('v'))
  if (!required?.[1]) throw new Error(`${folder}go.mod does not require "${module}"`)
  return required[1].slice(1)
}

/** The Kubernetes version of the control plane. */
export const kubernetesVersion = pinned('k8s.io/kubernetes')
