import { connect } from '@nats-io/transport-node'
import { messageOf } from '../log.ts'
import { tlsProblem } from '../tls-problem.ts'
import type { NatsOptions } from './nats-options.ts'

/**
 * Why no server takes a connection of these options: `nats-0:4222: connection refused; nats-1:4222: …`. Undefined where
 * one does. The client goes on trying and keeps to itself why it fails, so this tries once beside it.
 */
export async function whyAway(options: NatsOptions): Promise<string | undefined> {
  const reasons = await Promise.all(options.servers.map(server => reasonOf(server, options)))
  return reasons.includes(undefined) ? undefined : reasons.join('; ')
}

async function reasonOf(server: string, options: NatsOptions): Promise<string | undefined> {
  try {
    const once = { servers: [server], reconnect: false, waitOnFirstConnect: false }
    const connection = await connect({ ...options, ...once })
    await connection.close()
    return undefined
  } catch (error) {
    return `${server}: ${tlsProblem(error) ?? messageOf(error)}`
  }
}
