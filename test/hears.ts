import type { Msg, NatsConnection } from '@nats-io/transport-node'

/**
 * Takes what comes on these subjects from now on, each message as often as a stream keeps it: a subscriber of core NATS
 * also hears those that a publisher sends again because the disk of the server was slow to acknowledge them.
 */
export async function hears(
  nc: NatsConnection,
  subjects: string,
  take: (message: Msg) => void,
): Promise<void> {
  const ids = new Set<string>()
  nc.subscribe(subjects, {
    callback(error, message) {
      const id = message.headers?.get('Nats-Msg-Id')
      if (error || (id && ids.has(id))) return
      if (id) ids.add(id)
      take(message)
    },
  })
  await nc.flush()
}
