import type { Order } from '../../shared/orders.ts'
import type { Outcome } from '../../shared/outcome.ts'
import { advance } from './pipelines/advance.ts'
import { startPipeline } from './pipelines/start.ts'
import { pipelineGone, pipelineOverdue } from './pipelines/stop.ts'
import { probe } from './probe.ts'
import { create } from './runs/create.ts'
import { due } from './runs/due.ts'
import { gone, overdue } from './runs/overdue.ts'
import { refuse } from './runs/refuse.ts'
import { retire } from './runs/retire.ts'
import { start } from './runs/start.ts'
import { ended } from './runs/take-up.ts'
import type { World } from './world.ts'

/** Carries out one order. Whatever it rejects with may be over next time. */
export function carryOut(order: Order, world: World): Promise<Outcome> {
  const ofPipeline = order.kind === 'PipelineRun'
  switch (order.order) {
    case 'due':
      return due(order, world)
    case 'start':
      return ofPipeline ? startPipeline(order, world) : start(order, world)
    case 'refuse':
      return refuse(order, world)
    case 'ended':
      return ended(order, world)
    case 'advance':
      return advance(order, world)
    case 'overdue':
      return ofPipeline ? pipelineOverdue(order, world) : overdue(order, world)
    case 'retire':
      return retire(order, world)
    case 'gone':
      return ofPipeline ? pipelineGone(order, world) : gone(order, world)
    case 'create':
      return create(order, world)
    case 'probe':
      return probe(order, world)
  }
}
