import { z } from 'zod'
import type { Ask } from '../../shared/adapters/kubernetes.ts'
import { openerOf } from '../../shared/opener.ts'

/** The variables that say where the cluster is, if there is one. */
export const clusterVariables = {
  KUBECONFIG: z.string().optional(),
  KUBERNETES_SERVICE_HOST: z.string().optional(),
  KUBERNETES_SERVICE_PORT: z.string().optional(),
}

/** A run that is asked for takes three requests; the rate of each token is kept before. */
const pace = { rate: 100, burst: 200 }

/** Asks the cluster that the environment names, undefined where it names none. It is opened with the first question. */
export function lazyCluster(
  env: z.output<z.ZodObject<typeof clusterVariables>>,
): ((ask: Ask) => Promise<unknown>) | undefined {
  if (env.KUBECONFIG === undefined && env.KUBERNETES_SERVICE_HOST === undefined) return undefined
  const { open } = openerOf(async () => {
    const [{ accessOf }, { openKubernetes }] = await Promise.all([
      import('../../shared/adapters/kubeconfig.ts'),
      import('../../shared/adapters/kubernetes.ts'),
    ])
    return openKubernetes(accessOf(env), pace).json
  })
  return async ask => (await open())(ask)
}
