import { watchCluster } from './events/cluster.ts'
import { clusterVariables as eventVariables } from './events/variables.ts'
import { resourceVariables, watchResources } from './resources/cluster.ts'

/** The variables that say where the cluster is, and what of it is watched. */
export const clusterVariables = { ...eventVariables, ...resourceVariables }

/** Watches the cluster that the environment names, its events and the resources of ours; undefined where it names none. */
export function followCluster(
  world: Parameters<typeof watchCluster>[0] & Parameters<typeof watchResources>[0],
): { ready(): boolean; stop(): Promise<void> } | undefined {
  const events = watchCluster(world)
  const resources = watchResources(world)
  if (!events || !resources) return undefined
  return {
    ready: events.ready,
    async stop() {
      await Promise.all([events.stop(), resources.stop()])
    },
  }
}
