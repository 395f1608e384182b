import type { Nats } from '../../shared/adapters/nats.ts'
import type { Message } from '../../shared/adapters/publisher.ts'
import type { Pulled } from '../../shared/adapters/pull.ts'
import type { Log } from '../../shared/log.ts'
import type { Sent } from './answer.ts'
import type { Item } from './item.ts'
import type { Books } from './ledger/open.ts'
import type { Counts } from './metrics.ts'
import type { Trigger } from './triggers.ts'

/** What a running trigger needs of the world. */
export type World = {
  nats: Nats
  send(trigger: Trigger, items: Item[]): Promise<Sent>
  /** @throws PublishError */
  publish(message: Message): Promise<unknown>
  /** Does any hook in force cover this subject? */
  covered(subject: string): boolean
  /** Is this event about a pod of our own functions, so that it may not wake them? */
  quiet(subject: string): boolean
  /** Takes note of what came from the stream. */
  saw(pulled: Pulled): void
  /** Makes the consumers again where somebody deleted them. */
  mend(reason: string): Promise<void>
  /** What the server has handed out, and how many requests of anybody's it holds; undefined where it does not say. */
  handedOut(): Promise<{ pending: number; waiting: number } | undefined>
  /** How many messages a stream has by subject; undefined where the server does not say. */
  waiting(stream: string, filter: string): Promise<Map<string, number> | undefined>
  /** Makes the consumer of a subject's siding, and returns its name. */
  siding(key: string): Promise<string>
  /** May this replica still do anything? Asked before everything that another replica might be at. */
  mayGo(): boolean
  counts: Counts
  /** Where it is noted how events end; undefined for a trigger that does not count. */
  books: Books | undefined
  now(): number
  wall(): number
  random(): number
  log: Log
}
