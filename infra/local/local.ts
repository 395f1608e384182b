import { join, resolve } from 'node:path'
import { keptSecret } from './secrets.ts'

/** What the environments of the processes are made of. */
export type Local = {
  cluster: string
  /** URL of NATS, of Redis, and of the database where there is one. */
  nats: string
  redis: string
  postgres?: string | undefined
  /** Path of the kubeconfig of a cluster of the stack's own; the resources are in it then. */
  kubeconfig?: string | undefined
  resourcesDir: string
  namespace: string
  token: string
  bridgeToken: string
  sealKey: string
  /** The base URL of a process. */
  url(name: string): string
}

/** The settings of a local stack: from the user's environment, else what does for one on this machine. */
export function localSettings(
  { root, dir, env, cwd }: { root: string; dir: string; env: NodeJS.ProcessEnv; cwd: string },
  at: Pick<Local, 'nats' | 'redis' | 'postgres' | 'kubeconfig' | 'url'>,
): Local {
  return {
    ...at,
    cluster: env.EVENT_CLUSTER || 'local',
    namespace: env.ACTIVE_NAMESPACE || 'ops-system',
    resourcesDir: env.RESOURCES_DIR ? resolve(cwd, env.RESOURCES_DIR) : join(root, 'infra', 'examples'),
    token: env.SERVER_TOKEN || keptSecret(dir, 'token', 'base64url'),
    bridgeToken: env.BRIDGE_TOKEN || keptSecret(dir, 'bridge-token', 'base64url'),
    sealKey: env.HOOK_SEAL_KEY || keptSecret(dir, 'hook-seal-key', 'base64'),
  }
}
