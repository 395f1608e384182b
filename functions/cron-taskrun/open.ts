import type { Access } from '../../shared/adapters/kubeconfig.ts'
import type { Kubernetes } from '../../shared/adapters/kubernetes.ts'
import type { Nats } from '../../shared/adapters/nats.ts'
import type { Log } from '../../shared/log.ts'
import type { Stored } from '../../shared/objects.ts'
import type { ReadSecret } from '../../shared/secret.ts'
import type { Executor } from './executor.ts'
import { readTogether } from './together.ts'
import type { ExecutorName, World } from './world.ts'

type About = {
  config: {
    KUBECONFIG?: string | undefined
    KUBERNETES_SERVICE_HOST?: string | undefined
    KUBERNETES_SERVICE_PORT?: string | undefined
    SECRETS_DIR?: string | undefined
    RUN_SERVICE_ACCOUNT?: string | undefined
  }
  /** Of this process; steps of the local executor get a few of them. */
  env: Record<string, unknown>
  settings: World['settings']
  nats: Nats
  now(): Date
  log: Log
}

/** Many runs may be due in the same second; the API server's own priority and fairness is behind this. */
const pace = { rate: 500, burst: 1_000 }

/** Where there is no cluster in the environment, there is none. */
export const isInCluster = ({ KUBECONFIG, KUBERNETES_SERVICE_HOST }: About['config']): boolean =>
  KUBECONFIG !== undefined || KUBERNETES_SERVICE_HOST !== undefined

/** Opens what holds the objects, and what runs steps and looks at hosts and clusters with the first order that needs it. */
export async function openHands(about: About): Promise<Pick<World, 'objects' | 'executor' | 'probes'>> {
  const { config, nats, now, log, settings } = about
  const cluster = settings.inCluster ? await openCluster(config) : undefined
  const objects = readTogether(cluster ? await inCluster(cluster.kubernetes) : await inKv(nats, now))
  const secret = await secretsFor(config, cluster?.kubernetes)
  const hosts = async () => ({
    ...{ secret, now, log },
    hostKeys: (await import('../../shared/adapters/host-keys.ts')).hostKeysIn(nats),
  })

  const executors: Record<ExecutorName, () => Promise<Executor | undefined>> = {
    kubernetes: async () => {
      if (!cluster) return undefined
      const { kubernetesExecutor } = await import('./kubernetes/executor.ts')
      const { json, stream } = cluster.kubernetes
      const { image, privilegedNamespaces } = settings
      const serviceAccount = config.RUN_SERVICE_ACCOUNT
      return kubernetesExecutor({ json, stream, now, image, privilegedNamespaces, serviceAccount })
    },
    local: async () => {
      if (cluster) return undefined
      const { localExecutor } = await import('./local/executor.ts')
      return localExecutor({ hostname: settings.hostname, env: about.env, now })
    },
    ssh: async () => {
      const { sshExecutor } = await import('./ssh/executor.ts')
      return sshExecutor({
        ...(await hosts()),
        hosts: namespace => objects.list('Host', { namespace }),
      })
    },
  }

  return {
    objects,
    executor: once(executors),
    probes: {
      async Host(host: Stored<'Host'>) {
        const { probeHost } = await import('./hosts/probe.ts')
        return probeHost(host, await hosts())
      },
      async Cluster({ metadata, spec, status: before }: Stored<'Cluster'>) {
        const { probeCluster } = await import('./clusters/probe.ts')
        const { status, problem } = await probeCluster(
          { spec, before },
          { ...(await probing()), own: () => cluster?.access, now },
        )
        const name = `${metadata.namespace}/${metadata.name}`
        if (problem) log.warn({ cluster: name, problem }, 'Cluster is not as it should be')
        return status
      },
    },
  }
}

/** Opens each when it is first asked for, and once. */
function once(open: Record<ExecutorName, () => Promise<Executor | undefined>>): World['executor'] {
  const opened = new Map<ExecutorName, Promise<Executor | undefined>>()
  return name => {
    const known = opened.get(name)
    if (known) return known
    const opening = open[name]()
    opened.set(name, opening)
    opening.catch(() => opened.delete(name))
    return opening
  }
}

async function openCluster(config: About['config']): Promise<{ access: Access; kubernetes: Kubernetes }> {
  const [{ accessOf }, { openKubernetes }] = await Promise.all([
    import('../../shared/adapters/kubeconfig.ts'),
    import('../../shared/adapters/kubernetes.ts'),
  ])
  const access = accessOf(config)
  return { access, kubernetes: openKubernetes(access, pace) }
}

const inCluster = async ({ json }: Kubernetes): Promise<World['objects']> =>
  (await import('../../shared/adapters/objects/kubernetes.ts')).objectsInCluster(json)

const inKv = async (nats: Nats, now: () => Date): Promise<World['objects']> =>
  (await import('../../shared/adapters/objects/kv.ts')).objectsInKv(nats, { now: () => now().getTime() })

async function secretsFor(
  { SECRETS_DIR: dir }: About['config'],
  kubernetes: Kubernetes | undefined,
): Promise<ReadSecret> {
  const [{ secretsOf }, { noSecrets, secretFiles }] = await Promise.all([
    import('../../shared/adapters/secrets.ts'),
    import('../../shared/adapters/secret-files.ts'),
  ])
  const who = { reader: 'cron-taskrun', grant: 'infra/kubernetes/runs/rbac.yaml' }
  const read = kubernetes && secretsOf(kubernetes.json, who)
  return dir ? secretFiles(dir, read) : (read ?? noSecrets)
}

async function probing() {
  const [{ accessIn }, { openKubernetes }, { certificateEnd }] = await Promise.all([
    import('../../shared/adapters/kubeconfig.ts'),
    import('../../shared/adapters/kubernetes.ts'),
    import('../../shared/adapters/certificate.ts'),
  ])
  const open = (access: Access) => openKubernetes(access, pace, { keepAlive: false })
  return { accessIn, open, certificateEnd }
}
