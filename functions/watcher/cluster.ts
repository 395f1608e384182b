import { watchCluster } from './events/cluster.ts'
import { clusterVariables as eventVariables } from './events/variables.ts'
import { resourceVariables, watchResources } from './resources/cluster.ts'
import type { RunsWorld } from './runs/follow.ts'
import { followKv } from './runs/kv.ts'

/** The variables that say where the cluster is, and what of it is watched. */
export const clusterVariables = { ...eventVariables, ...resourceVariables }

/** What is followed. */
export type Following = { ready(): boolean; stop(): Promise<void> }

/**
 * Watches the cluster that the environment names, its events and the resources of ours; where it names none, the objects
 * in KV.
 */
export function followObjects(
  world: Parameters<typeof watchCluster>[0] & Parameters<typeof watchResources>[0] & RunsWorld,
): Following {
  const events = watchCluster(world)
  const resources = watchResources(world)
  if (!events || !resources) return followKv(world)
  return {
    ready: events.ready,
    async stop() {
      await Promise.all([events.stop(), resources.stop()])
    },
  }
}
