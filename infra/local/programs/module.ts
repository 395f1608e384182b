import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The Go module, used for nothing else, whose go.mod and go.sum pin what a control plane is built from. */
export const moduleFolder = fileURLToPath(new URL('../../../test/controlplane/', import.meta.url))

/** One module of that go.mod, and the package that each of its executables is built from. */
export type Source = { name: string; module: string; packages: Record<string, string> }

/** What a control plane is built from; `name` is its folder in the cache. */
export const sources: Source[] = [
  {
    name: 'etcd',
    module: 'go.etcd.io/etcd/server/v3',
    packages: { etcd: 'go.etcd.io/etcd/server/v3' },
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
  },
  {
    name: 'kwok',
    module: 'sigs.k8s.io/kwok',
    packages: { kwok: 'sigs.k8s.io/kwok/cmd/kwok' },
  },
]

/** The version of a module in that go.mod, without its "v". */
export function pinned(module: string): string {
  const required = readFileSync(`${moduleFolder}go.mod`, 'utf8')
    .split('\n')
    .map(line => line.trim().split(' '))
    .find(words => words[0] === module && words[1]?.startsWith('v'))
  if (!required?.[1]) throw new Error(`test/controlplane/go.mod does not require "${module}"`)
  return required[1].slice(1)
}

/** The Kubernetes version of that go.mod. */
export const kubernetesVersion = pinned('k8s.io/kubernetes')
