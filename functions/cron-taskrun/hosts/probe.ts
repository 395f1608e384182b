import type { HostKeys } from '../../../shared/adapters/host-keys.ts'
import { type Log, messageOf } from '../../../shared/log.ts'
import type { Stored } from '../../../shared/objects.ts'
import type { HostStatus } from '../../../shared/resources/host.ts'
import type { ReadSecret } from '../../../shared/secret.ts'
import { connectTo } from '../ssh/host.ts'
import { runOn } from '../ssh/run.ts'
import { readHost } from './read.ts'
import { script } from './script.ts'

export type ProbeWorld = {
  secret: ReadSecret
  hostKeys: HostKeys
  now(): Date
  log: Log
}

/** A host that takes longer to tell of itself does not work as it should. */
const limitSeconds = 30
/** Far more than it prints. */
const mostBytes = 256 * 1024

/**
 * Looks at a host by SSH: its status as it is now. Of one that cannot be reached what was known stays, with
 * `heartStatus: Failed`; the log has the reason. Never rejects.
 */
export async function probeHost(host: Stored<'Host'>, world: ProbeWorld): Promise<HostStatus> {
  const asked = await ask(host, world).catch(error => ({ problem: messageOf(error) }))
  const heartTime = world.now().toISOString()
  if (!('problem' in asked)) return { ...asked, heartStatus: 'Successed', heartTime }
  const { name, namespace } = host.metadata
  world.log.warn({ host: `${namespace}/${name}`, reason: asked.problem }, 'Host cannot be probed')
  return { ...host.status, heartStatus: 'Failed', heartTime }
}

async function ask(host: Stored<'Host'>, world: ProbeWorld): Promise<HostStatus | { problem: string }> {
  const signal = AbortSignal.timeout(2 * limitSeconds * 1000)
  const connection = await connectTo(host, world, signal)
  if ('problem' in connection) return connection
  try {
    const { name, uid } = host.metadata
    const mark = { name: 'OPS_EVENTS_RUN', value: `probe-${uid.replace(/[^A-Za-z0-9-]/g, '_')}` } as const
    let printed = ''
    const ended = await runOn(connection, { name, mark })(
      { interpreter: ['sh'], text: script, env: {} },
      {
        limitSeconds,
        signal: AbortSignal.timeout(limitSeconds * 1000),
        push(chunk) {
          if (printed.length < mostBytes) printed += chunk.toString('utf8')
        },
      },
    )
    if (ended.cut) return { problem: `it told nothing of itself within ${limitSeconds} s` }
    if ('problem' in ended) return ended
    return readHost(printed) ?? { problem: 'what it told of itself did not come to its end' }
  } finally {
    connection.close()
  }
}
