import { z } from 'zod'
import type { Access } from '../../../shared/adapters/kubeconfig.ts'
import { type Kubernetes, KubernetesError } from '../../../shared/adapters/kubernetes.ts'
import { messageOf } from '../../../shared/log.ts'
import type { ClusterSpec, ClusterStatus } from '../../../shared/resources/cluster.ts'
import { accessOf } from './access.ts'
import { countAll, countWhere } from './counts.ts'

/** What a look at a cluster takes. */
export type Probing = {
  /** How to reach the cluster that we are in; undefined where we are in none. */
  own(): Access | undefined
  /** How to reach that of a kubeconfig that somebody gave: `accessIn` of shared/adapters/kubeconfig.ts. */
  accessIn(kubeconfig: string): Access
  /** Opens it for one look, keeping no connection. */
  open(access: Access): Pick<Kubernetes, 'json'>
  /** Until when the certificate of a server is good: `certificateEnd` of shared/adapters/certificate.ts. */
  certificateEnd(access: Access, signal: AbortSignal): Promise<Date | undefined>
  now(): Date
  /** A cluster that has not answered after so many milliseconds is unreachable; 10 s unless told. */
  patience?: number
}

const day = 86_400_000

/**
 * Looks at a cluster, for 10 s at most. `before` is what the last probe found: what this one cannot find out stays.
 * `problem` says why it cannot be reached, or what could not be found out.
 */
export async function probeCluster(
  { spec, before }: { spec: ClusterSpec; before: ClusterStatus },
  world: Probing,
): Promise<{ status: ClusterStatus; problem?: string }> {
  const said = (heartStatus: 'Successed' | 'Failed', found: ClusterStatus, problem?: string) => ({
    status: { ...before, ...found, heartStatus, heartTime: world.now().toISOString() },
    ...(problem !== undefined && { problem }),
  })
  const access = accessOf(spec, world.accessIn) ?? world.own()
  if (!access) return said('Failed', {}, 'It names neither server nor config, and we are in no cluster')
  if ('problem' in access) return said('Failed', {}, access.problem)
  const { patience = 10_000 } = world
  const signal = AbortSignal.timeout(patience)
  const { json } = world.open(access)
  const ask: Kubernetes['json'] = asked => json({ ...asked, signal })
  const [version, ...rest] = await Promise.allSettled([
    versionOf(ask),
    uidOf(ask),
    countAll(ask, '/api/v1/nodes').then(node => ({ node })),
    countAll(ask, '/api/v1/pods').then(pod => ({ pod })),
    runningPods(ask),
    daysLeft(access, { world, signal }),
  ])
  if (version.status === 'rejected')
    return said('Failed', {}, signal.aborted ? late(access, patience) : unreachable(access, version.reason))
  const found = rest.flatMap(one => (one.status === 'fulfilled' ? [one.value] : []))
  const problems = rest.flatMap(one => (one.status === 'rejected' ? [messageOf(one.reason)] : []))
  const status: ClusterStatus = Object.assign({}, version.value, ...found)
  return said('Successed', status, problems.length > 0 ? [...new Set(problems)].join('; ') : undefined)
}

const Version = z.object({ gitVersion: z.string() })
const Namespace = z.object({ metadata: z.object({ uid: z.string() }) })

const versionOf = async (ask: Kubernetes['json']) => ({
  version: Version.parse(await ask({ path: '/version' })).gitVersion,
})

const uidOf = async (ask: Kubernetes['json']) => ({
  uid: Namespace.parse(await ask({ path: '/api/v1/namespaces/kube-system' })).metadata.uid,
})

async function runningPods(ask: Kubernetes['json']) {
  const runningPod = await countWhere(ask, { path: '/api/v1/pods', fieldSelector: 'status.phase=Running' })
  if (runningPod === undefined) throw new Error('So many pods run that they were not counted')
  return { runningPod }
}

async function daysLeft(access: Access, { world, signal }: { world: Probing; signal: AbortSignal }) {
  const end = await world.certificateEnd(access, signal)
  return end ? { certNotAfterDays: Math.floor((end.getTime() - world.now().getTime()) / day) } : {}
}

const late = ({ server }: Access, patience: number) =>
  `${new URL(server).host} did not answer within ${patience / 1000} s`

function unreachable({ server }: Access, error: unknown): string {
  const { host } = new URL(server)
  if (error instanceof KubernetesError) return `${host} answered ${error.status}: ${error.message}`
  const signed = error instanceof Error && 'code' in error && /CERT|SIGNED|SIGNATURE/.test(String(error.code))
  const hint = signed ? '; a kubeconfig with certificate-authority-data says whom to trust' : ''
  return `${host} cannot be reached: ${messageOf(error)}${hint}`
}
