import type { JetStreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'

/**
 * Does the server end when it is asked for a message of a stream that it is only just making? Before 2.10 it knows such
 * a stream before that has a store, and falls over the nil pointer (`jsMsgGetRequest` in its jetstream_api.go).
 */
export function fallsOverHalfMade(nc: Pick<NatsConnection, 'info'>): boolean {
  const [major = 0, minor = 0] = (nc.info?.version ?? '').split('.').map(Number)
  return major < 2 || (major === 2 && minor < 10)
}

/** Has the server made this stream, so that it may be asked for its messages? @throws Error where there is none yet */
export async function surelyMade(nc: NatsConnection, jsm: JetStreamManager, stream: string): Promise<void> {
  if (!fallsOverHalfMade(nc)) return
  // It answers this once the store is there, but for a moment at first in which the stream has no date of birth either.
  const { created } = await jsm.streams.info(stream)
  if (String(created).startsWith('0001-')) throw new Error('stream not found')
}
