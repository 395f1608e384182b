import { functionNames } from '../../../infra/install/secrets.ts'
import type { End } from './network.ts'

const ours = (name: string, component: string): End => ({
  namespace: 'ops-system',
  labels: {
    'app.kubernetes.io/name': name,
    'app.kubernetes.io/part-of': 'ops-events',
    'app.kubernetes.io/component': component,
  },
})
const pod = (namespace: string, labels: Record<string, string> = {}): End => ({ namespace, labels })
const server = (name: string) => pod('ops-system', { 'app.kubernetes.io/name': name })

/** Everybody who may speak to somebody: the ports that matter, and where it is. */
export const ends: Record<string, { ports: number[]; end: End }> = {
  watcher: { ports: [8080], end: ours('ops-watcher', 'watcher') },
  bridge: { ports: [8080], end: ours('ops-bridge', 'bridge') },
  // 8012 is that of the proxy which Knative puts before a function.
  ...Object.fromEntries(
    functionNames.map(name => [name, { ports: [8080, 8012], end: ours(name, 'function') }]),
  ),
  nats: { ports: [4222, 6222], end: server('nats') },
  redis: { ports: [6379], end: server('redis') },
  postgresql: { ports: [5432, 8000], end: server('postgresql') },
  'a pod beside them': { ports: [80], end: pod('ops-system') },
  'a run': { ports: [80], end: pod('ops-runs') },
  dns: { ports: [53], end: pod('kube-system', { 'k8s-app': 'kube-dns' }) },
  prometheus: { ports: [9090], end: pod('monitoring', { 'app.kubernetes.io/name': 'prometheus' }) },
  'a pod elsewhere': { ports: [80], end: pod('shop') },
  'operator of PostgreSQL': { ports: [9443], end: pod('cnpg-system') },
  kourier: { ports: [8081], end: pod('kourier-system') },
  'gateway of OpenFaaS': { ports: [8080], end: pod('openfaas', { app: 'gateway' }) },
  'hook-evaluate of OpenFaaS': {
    ports: [8080],
    end: pod('openfaas-fn', {
      'app.kubernetes.io/name': 'hook-evaluate',
      'app.kubernetes.io/part-of': 'ops-events',
    }),
  },
  activator: { ports: [8012], end: pod('knative-serving') },
  'API server': { ports: [6443], end: { address: '10.0.0.1' } },
  'host of the company': { ports: [22, 80], end: { address: '192.168.3.4' } },
  outside: { ports: [22, 80, 443], end: { address: '203.0.113.7' } },
  'main cluster': { ports: [7422], end: { address: '198.51.100.9' } },
  'metadata service': { ports: [80], end: { address: '169.254.169.254' } },
}
