import { setTimeout as pause } from 'node:timers/promises'
import { connect } from '@nats-io/transport-node'
import { type Log, messageOf } from '../log.ts'
import { tlsProblem } from '../tls-problem.ts'
import type { NatsOptions } from './nats-options.ts'

/** So long it may be away before it is asked why, and then again and again, in milliseconds. */
const patience = 5_000

/** As long as NATS is away, tells the log why, when it has been for a while: each reason once. */
export async function tellWhyAway(
  options: NatsOptions,
  about: { isAway: () => boolean; log: Pick<Log, 'warn'>; every?: number },
): Promise<void> {
  const { isAway, log, every = patience } = about
  const wait = () => pause(every, undefined, { ref: false })
  const told = new Set<string | undefined>([undefined])
  await wait()
  while (isAway()) {
    const reason = await whyAway(options)
    if (!told.has(reason) && isAway()) log.warn({ err: reason }, 'NATS is away, going on trying')
    told.add(reason)
    await wait()
  }
}

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
