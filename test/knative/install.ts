import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, vi } from 'vitest'
import { parseAllDocuments, stringify } from 'yaml'
import { startChild } from '../../infra/local/child.ts'
import type { Cluster } from '../../infra/local/kubernetes/cluster.ts'
import { apply } from '../../infra/local/kubernetes/kubectl.ts'
import { freePorts } from '../../infra/local/ports.ts'
import { type Knative, type KnativePart, provideKnative } from '../../infra/local/programs/knative.ts'

type Installed = {
  kind: string
  metadata: { name: string }
  data?: Record<string, string>
  webhooks?: { clientConfig: { service: { port?: number } } }[]
}

const parts = {
  serving: {
    webhook: 'webhook',
    folders: ['networking', 'caching', 'core', 'core/300-resources', 'core/configmaps', 'core/webhooks'],
    admits: {
      ...{ apiVersion: 'serving.knative.dev/v1', kind: 'Service' },
      ...{ metadata: { name: 'probe', namespace: 'default' } },
      spec: { template: { spec: { containers: [{ image: 'probe' }] } } },
    },
  },
  eventing: {
    webhook: 'eventing-webhook',
    folders: ['core', 'core/resources', 'core/configmaps', 'core/webhooks'],
    admits: {
      ...{ apiVersion: 'eventing.knative.dev/v1', kind: 'Broker' },
      metadata: { name: 'probe', namespace: 'default' },
    },
  },
} satisfies Record<KnativePart, object>

/**
 * A part of Knative as it is by default, on a cluster of a test: its resources, and its webhook, which runs beside the
 * cluster and admits when this resolves. `run` starts another of its programs.
 */
export async function ownKnative(cluster: Cluster, name: KnativePart) {
  const part = { ...parts[name], namespace: `knative-${name}` }
  const knative = await provideKnative(name)
  const [port = 0] = await freePorts(1)
  await apply(cluster, text(installation(knative, part, port)))

  async function run(program: string, env: NodeJS.ProcessEnv = {}) {
    const [profiling, metrics] = await freePorts(2)
    const child = await startChild(knative.path(program), [], {
      env: {
        ...process.env,
        ...{ KUBECONFIG: cluster.kubeconfig, SYSTEM_NAMESPACE: part.namespace, NAMESPACE: part.namespace },
        ...{ POD_NAME: program, CONTAINER_NAME: program },
        ...{ CONFIG_LOGGING_NAME: 'config-logging', CONFIG_OBSERVABILITY_NAME: 'config-observability' },
        ...{ PROFILING_PORT: String(profiling), METRICS_PROMETHEUS_PORT: String(metrics) },
        ...env,
      },
    })
    afterAll(() => child.stop())
    return child
  }

  await run('webhook', { WEBHOOK_NAME: part.webhook, WEBHOOK_PORT: String(port) })
  const asked = ['create', '--dry-run=server', '-f', '-']
  // It puts its authority into the configurations of the API server, which learns of it soon after.
  await vi.waitFor(() => cluster.kubectl(asked, stringify(part.admits)), { timeout: 60_000, interval: 200 })
  return { run }
}

/** Everything but the Deployments: what these run runs beside the cluster. */
function installation(
  { path }: Knative,
  { folders, webhook, namespace }: { folders: string[]; webhook: string; namespace: string },
  port: number,
): Installed[] {
  const found = folders
    .flatMap(folder => installedBy(path(folder)))
    .filter(({ kind }) => !left.includes(kind))
  for (const { kind, metadata, data, webhooks = [] } of found) {
    for (const { clientConfig } of webhooks) clientConfig.service.port = port
    if (kind === 'ConfigMap' && data) Object.assign(data, settings[metadata.name])
  }
  // The API server calls what a Service of this type names, and takes the certificate for the Service's own name.
  const service = {
    ...{ apiVersion: 'v1', kind: 'Service', metadata: { name: webhook, namespace } },
    spec: { type: 'ExternalName', externalName: '127.0.0.1' },
  }
  return [...found.sort((a, b) => placeOf(a) - placeOf(b)), service]
}

/** What an installation has to say, and what a machine without a registry needs. */
const settings: Record<string, Record<string, string>> = {
  'config-deployment': {
    'queue-sidecar-image': 'knative.example/queue',
    'registries-skipping-tag-resolving': 'index.docker.io',
  },
}

/** What nobody asks for here, where all programs are the administrator. */
const left = ['Image', 'Certificate', 'ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'RoleBinding']

/** What others need comes first. */
const placeOf = ({ kind }: Installed) => (['Namespace', 'CustomResourceDefinition'].includes(kind) ? 0 : 1)

const installedBy = (folder: string): Installed[] =>
  readdirSync(folder)
    .filter(name => name.endsWith('.yaml'))
    .flatMap(name => parseAllDocuments(readFileSync(join(folder, name), 'utf8')))
    .map(document => document.toJS())
    .filter(object => object !== null)

const text = (objects: object[]) => objects.map(object => stringify(object)).join('---\n')
