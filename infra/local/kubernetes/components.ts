import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePorts } from '../ports.ts'
import { files } from './credentials.ts'

/** The processes of a cluster, in the order in which they start. */
export const components = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kwok',
] as const
export type Component = (typeof components)[number]

/** Command line flags without their dashes. */
export type Flags = Record<string, string>

/** Where a cluster lies. */
export type Place = { dir: string; ports: Record<Component | 'peers', number> }

/** A place with ports that nothing listens on right now. */
export async function choosePlace(dir: string): Promise<Place> {
  const [etcd = 0, peers = 0, server = 0, manager = 0, scheduler = 0, kwok = 0] = await freePorts(6)
  const controllers = { 'kube-controller-manager': manager, 'kube-scheduler': scheduler, kwok }
  return { dir, ports: { etcd, peers, 'kube-apiserver': server, ...controllers } }
}

/** What kwok does in place of kubelets. */
const stages = fileURLToPath(new URL('stages.yaml', import.meta.url))

const loopback = '127.0.0.1'

// The defaults are for clusters that others depend on, too.
const unhurried = { 'leader-elect': 'false', 'kube-api-qps': '200', 'kube-api-burst': '400' }

/** The flags of each component. */
export const flagsOf = {
  etcd({ dir, ports }) {
    const url = urlOf('etcd', ports.etcd)
    const peers = `http://${loopback}:${ports.peers}`
    return {
      'data-dir': join(dir, 'etcd'),
      'listen-client-urls': url,
      'advertise-client-urls': url,
      'listen-peer-urls': peers,
      'initial-advertise-peer-urls': peers,
      'initial-cluster': `default=${peers}`,
      // What the process has written survives it; only the death of the machine would lose it.
      'unsafe-no-fsync': 'true',
      'log-level': 'warn',
    }
  },
  'kube-apiserver': ({ dir, ports }) => ({
    'etcd-servers': urlOf('etcd', ports.etcd),
    'bind-address': loopback,
    'advertise-address': loopback,
    'secure-port': String(ports['kube-apiserver']),
    // It would name a loopback address in the endpoints of service "kubernetes", and these are refused.
    'endpoint-reconciler-type': 'none',
    'cert-dir': files(dir).certificates,
    'token-auth-file': files(dir).tokens,
    'authorization-mode': 'Node,RBAC',
    'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
    'service-account-signing-key-file': files(dir).serviceAccountKey,
    'service-account-key-file': files(dir).serviceAccountKey,
    'service-cluster-ip-range': '10.96.0.0/16',
    // As clusters usually have it.
    'allow-privileged': 'true',
  }),
  'kube-controller-manager': place => ({
    ...unhurried,
    ...servesLikeTheApi('kube-controller-manager', place),
    'use-service-account-credentials': 'true',
    'root-ca-file': files(place.dir).authority,
    // A node that went down is noticed sooner than a real one's 50 s.
    'node-monitor-grace-period': '20s',
    'node-monitor-period': '2s',
  }),
  'kube-scheduler': place => ({ ...unhurried, ...servesLikeTheApi('kube-scheduler', place) }),
  kwok: ({ dir, ports }) => ({
    kubeconfig: files(dir).kubeconfig('admin'),
    config: stages,
    'server-address': `${loopback}:${ports.kwok}`,
    'manage-nodes-with-label-selector': 'type=kwok',
    'node-lease-duration-seconds': '20',
  }),
} satisfies Record<Component, (place: Place) => Flags>

/** Its health is then asked for with the same authority. */
function servesLikeTheApi(name: 'kube-controller-manager' | 'kube-scheduler', { dir, ports }: Place): Flags {
  return {
    kubeconfig: files(dir).kubeconfig(name),
    'bind-address': loopback,
    'secure-port': String(ports[name]),
    'tls-cert-file': files(dir).certificate,
    'tls-private-key-file': files(dir).certificateKey,
  }
}

/** The URL at which a component listens. */
export function urlOf(component: Component, port: number): string {
  const scheme = component === 'etcd' || component === 'kwok' ? 'http' : 'https'
  return `${scheme}://${loopback}:${port}`
}
