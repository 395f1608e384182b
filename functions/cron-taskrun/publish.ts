import type { Publisher } from '../../shared/adapters/publisher.ts'
import { eventMessage } from '../../shared/event-message.ts'
import type { World } from './world.ts'

/** Publishes events as the bus has them. */
export const publishing =
  ({ publish }: Pick<Publisher, 'publish'>): World['publish'] =>
  event =>
    publish(eventMessage(event))
