import type { RunHolders } from '../../shared/adapters/run-holders.ts'
import type { OpsEvent } from '../../shared/event.ts'
import type { Log } from '../../shared/log.ts'
import type { Objects, Stored } from '../../shared/objects.ts'
import type { ClusterStatus } from '../../shared/resources/cluster.ts'
import type { HostStatus } from '../../shared/resources/host.ts'
import type { RunTokens } from '../../shared/run-tokens.ts'
import type { Executor } from './executor.ts'
import type { Here } from './runs/here.ts'

export type ExecutorName = 'kubernetes' | 'local' | 'ssh'

/** What cron-taskrun has at hand to carry out orders. */
export type World = {
  objects: Objects
  /** Opened when first asked for; undefined where there is none: `local` in a cluster, `kubernetes` without one. */
  executor(name: ExecutorName): Promise<Executor | undefined>
  probes: Probes
  tokens: RunTokens
  holders: RunHolders
  /** Resolves when the bus holds it. @throws PublishError */
  publish(event: OpsEvent & { subject: string }): Promise<unknown>
  newToken(uid: string): string
  /** The runs that are under way in this process. */
  here: Here
  /** Waits for a place among those; resolves with what gives it back. */
  turn(): Promise<() => void>
  now(): Date
  pause(milliseconds: number): Promise<void>
  settings: Settings
  log: Log
}

/** What is found by looking at a host or a cluster; never rejects for one that cannot be reached. */
export type Probes = {
  Host(host: Stored<'Host'>): Promise<HostStatus>
  Cluster(cluster: Stored<'Cluster'>): Promise<ClusterStatus>
}

/** What whoever operates it decided. */
export type Settings = {
  /** Name of the cluster, as events have it. */
  cluster: string
  /** Is there a Kubernetes API? */
  inCluster: boolean
  /** Name of the machine that this runs on. */
  hostname: string
  /** Base URL of subject-ingest. */
  ingest: string
  /** Time limit of steps that say none, in seconds. */
  stepTimeout: number
  /** Image of steps that say none. */
  image: string
  /** Namespaces whose Tasks may ask for root on their nodes. */
  privilegedNamespaces: string[]
}
