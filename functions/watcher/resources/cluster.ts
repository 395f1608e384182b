import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Access } from '../../../shared/adapters/kubeconfig.ts'
import { openKubernetes } from '../../../shared/adapters/kubernetes.ts'
import { noSecrets, secretFiles } from '../../../shared/adapters/secret-files.ts'
import { secretsOf } from '../../../shared/adapters/secrets.ts'
import { integer } from '../../../shared/config.ts'
import { clusterOf } from '../events/variables.ts'
import type { SecretsWorld } from '../secrets.ts'
import { type FollowWorld, followResources } from './follow.ts'

/** The variables that say which of a cluster's resources are followed, and how often the status of each is written. */
export const resourceVariables = {
  WATCH_NAMESPACE: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'it has to be the name of a namespace')
    .optional(),
  STATUS_SECONDS: integer(1, 3_600).default(10),
}

/** Follows the resources of the cluster that the environment names; undefined where it names none. */
export function watchResources(
  world: Omit<FollowWorld, 'kubernetes' | 'namespace' | 'me' | 'statusEvery'> & {
    env: Parameters<typeof clusterOf>[0] & { WATCH_NAMESPACE?: string | undefined; STATUS_SECONDS: number }
  },
): { stop(): Promise<void> } | undefined {
  const access: Access | undefined = clusterOf(world.env)
  if (!access) return undefined
  return followResources({
    ...world,
    kubernetes: openKubernetes(access),
    namespace: world.env.WATCH_NAMESPACE,
    statusEvery: world.env.STATUS_SECONDS * 1_000,
    me: randomUUID(),
  })
}

const reader = { reader: 'the watcher', grant: 'infra/kubernetes/watcher/secrets/rbac.yaml' }

/** Reads Secrets from the folder that the environment names, and what is not there from its cluster. */
export function secretReader(
  env: Parameters<typeof clusterOf>[0] & { SECRETS_DIR?: string | undefined },
): SecretsWorld['read'] {
  const access = clusterOf(env)
  const inCluster = access && secretsOf(openKubernetes(access).json, reader)
  if (env.SECRETS_DIR === undefined) return inCluster ?? noSecrets
  return secretFiles(env.SECRETS_DIR, inCluster)
}
