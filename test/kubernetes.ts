import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, inject } from 'vitest'
import { type Cluster, startKubernetes } from '../infra/local/kubernetes/cluster.ts'
import type { ClusterOptions } from '../infra/local/kubernetes/launch.ts'
import { whyNoControlPlane } from '../infra/local/programs/controlplane.ts'
import { leaveOut } from './needing.ts'

type Wanted = Pick<ClusterOptions, 'controllers' | 'flags' | 'line'>

/**
 * A Kubernetes control plane for this test file or `describe` alone, an empty one; it stops after the last test. Call
 * it outside of tests and hooks, as `ownNats`. Where there can be none it throws: see `describeOnKubernetes`.
 */
export async function ownKubernetes(wanted: Wanted = {}): Promise<Cluster> {
  const dir = await mkdtemp(join(tmpdir(), 'ops-events-'))
  const cluster = await startKubernetes({ ...wanted, dir })
  afterAll(async () => {
    await cluster.stop()
    await rm(dir, { recursive: true, force: true })
  })
  return cluster
}

/**
 * A `describe` whose tests get a control plane of their own. On a machine that can have none they are left out, with
 * a word why; never in CI, where that is an error.
 */
export function describeOnKubernetes(
  name: string,
  wanted: Wanted,
  tests: (cluster: Cluster) => void | Promise<void>,
): void {
  const why = whyNoKubernetes(wanted)
  if (why) leaveOut(name, why)
  else describe(name, async () => tests(await ownKubernetes(wanted)))
}

/** Writes the status of an object as whoever sees to it would. */
export const patchStatus = ({ kubectl }: Pick<Cluster, 'kubectl'>, what: string, status: object) =>
  kubectl([
    ...['patch', '-n', 'ops', what, '--subresource=status', '--type=merge'],
    ...['-p', JSON.stringify({ status })],
  ])

/** Why what needs a control plane is left out on this machine, if it is; never in CI. */
export function whyNoKubernetes(wanted: Pick<Wanted, 'controllers'>): string | undefined {
  if (process.env.CI === 'true') return undefined
  const failed = inject('noControlPlane')
  // What could not be built once is not tried again; what is there is used.
  const why = whyNoControlPlane({ ...wanted, ...(failed && { go: [] }) })
  return why && (failed || why)
}
