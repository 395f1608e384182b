import { z } from 'zod'
import { type Access, accessOf } from '../../../shared/adapters/kubeconfig.ts'
import { integer } from '../../../shared/config.ts'
import { messageOf } from '../../../shared/log.ts'
import { readWatched } from './file.ts'

/** What is read of a path in a variable, or why it cannot be. */
const readBy = <T>(read: (path: string) => T) =>
  z.string().transform((path, context): T => {
    try {
      return read(path)
    } catch (error) {
      context.addIssue({ code: 'custom', message: messageOf(error) })
      return z.NEVER
    }
  })

/** The variables that say where the cluster is and what of its events is watched. */
export const clusterVariables = {
  KUBECONFIG: readBy(path => accessOf({ KUBECONFIG: path })).optional(),
  KUBERNETES_SERVICE_HOST: z.string().optional(),
  KUBERNETES_SERVICE_PORT: z.string().optional(),
  WATCH_FILE: readBy(readWatched).optional(),
  EVENT_METRICS_SERIES: integer(10, 1_000_000).default(10_000),
}

/** The cluster that is meant, or undefined where there is none: by KUBECONFIG, else the one that this runs in. */
export function clusterOf(env: {
  KUBECONFIG?: Access | undefined
  KUBERNETES_SERVICE_HOST?: string | undefined
  KUBERNETES_SERVICE_PORT?: string | undefined
}): Access | undefined {
  const { KUBECONFIG, ...inCluster } = env
  return KUBECONFIG ?? (inCluster.KUBERNETES_SERVICE_HOST ? accessOf(inCluster) : undefined)
}
