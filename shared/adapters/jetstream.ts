import { type JetStreamManager, type JetStreamManagerOptions, jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'

/**
 * Opens JetStream without asking first whether the account has it: no user of ours may ask that, and 2.9.10 was seen to
 * answer nothing any more when it was asked while it made streams.
 */
export const unasked = { checkAPI: false }

/** What streams and consumers are looked at and made with. */
export const managerOf = (
  nc: NatsConnection,
  options: JetStreamManagerOptions = {},
): Promise<JetStreamManager> => jetstreamManager(nc, { ...options, ...unasked })
