import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const under = (path: string) => fileURLToPath(new URL(`../../../test/${path}/`, import.meta.url))

/** Folders of Go modules, used for nothing else, whose go.mod and go.sum pin what is built from them. */
export const moduleFolders = {
  controlPlane: under('controlplane'),
  knative: under('knative'),
  openfaas: under('openfaas'),
}

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

/** What a control plane is built from, Knative, and what OpenFaaS puts in front of a function. */
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
  {
    // Of December 2018, under its name of then: the newest that is to be had as a module everywhere.
    name: 'of-watchdog',
    module: 'github.com/openfaas-incubator/of-watchdog',
    packages: { 'of-watchdog': 'github.com/openfaas-incubator/of-watchdog' },
    pinnedIn: moduleFolders.openfaas,
  },
]

/** The version of a module in a go.mod, without its "v". */
export function pinned(module: string, folder = moduleFolders.controlPlane): string {
  const words = readFileSync(`${folder}go.mod`, 'utf8').split(/\s+/)
  const version = words.find((word, at) => words[at - 1] === module && word.startsWith('v'))
  if (!version) throw new Error(`${folder}go.mod does not require "${module}"`)
  return version.slice(1)
}

/** The Kubernetes version of the control plane. */
export const kubernetesVersion = pinned('k8s.io/kubernetes')
