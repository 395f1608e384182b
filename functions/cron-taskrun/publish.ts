import type { Publisher } from '../../shared/adapters/publisher.ts'
import type { Classify } from '../../shared/classify.ts'
import { described } from '../../shared/described.ts'
import { eventMessage } from '../../shared/event-message.ts'
import type { World } from './world.ts'

/** Publishes events as the bus has them. */
export const publishing =
  ({ publish }: Pick<Publisher, 'publish'>, classify?: Classify): World['publish'] =>
  event =>
    publish(eventMessage(described(event, classify)))
