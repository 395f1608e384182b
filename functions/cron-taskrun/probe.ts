import type { Stored } from '../../shared/objects.ts'
import type { Order } from '../../shared/orders.ts'
import { done, type Outcome, retry } from '../../shared/outcome.ts'
import { find } from './runs/find.ts'
import type { World } from './world.ts'

type Probed = 'Host' | 'Cluster'
type About<K extends Probed> = { kind: K; namespace: string; name: string; uid: string; due: string }

const mostTurns = 3

/** Looks at a host or a cluster, and writes what it found into its status. */
export function probe(order: Extract<Order, { order: 'probe' }>, world: World): Promise<Outcome> {
  const { Host, Cluster } = world.probes
  return order.kind === 'Host'
    ? lookAt({ ...order, kind: 'Host' as const }, Host, world)
    : lookAt({ ...order, kind: 'Cluster' as const }, Cluster, world)
}

async function lookAt<K extends Probed>(
  order: About<K>,
  look: (object: Stored<K>) => Promise<Stored<K>['status']>,
  world: Pick<World, 'objects'>,
): Promise<Outcome> {
  let object = await find(order, world)
  if (!object || isAfter(object.status.heartTime, order.due)) return done
  const status = await look(object)
  for (let turn = 0; object && turn < mostTurns; turn++) {
    if (await world.objects.putStatus(object, status)) return done
    object = await find(order, world)
  }
  return object ? retry('Its status is written by others', { after: 1_000 }) : done
}

/** Was it looked at since then? */
const isAfter = (heartTime: string | undefined, due: string): boolean =>
  heartTime !== undefined && Date.parse(heartTime) >= Date.parse(due)
