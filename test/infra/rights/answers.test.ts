import { randomUUID } from 'node:crypto'
import { headers, type NatsConnection } from '@nats-io/transport-node'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { allProcesses, type Process } from '../../../infra/install/secrets.ts'
import { rights } from '../../../infra/nats/rights.ts'
import { isListed, passing } from '../../../infra/nats/subjects.ts'
import { ensureStreams } from '../../../shared/adapters/streams.ts'
import { logOf } from '../../../shared/log.ts'
import { natsVersions } from '../../servers.ts'
import { connectedAs, natsWithUsers, someSecrets } from './servers.ts'

// NATS looks at the subject of a request and not where its answer shall go, and answers with rights of its own.

/** Where an answer would do harm: an event of somebody else's, and what an empty one deletes. */
const targets = [
  'journal.x',
  '$JS.API.STREAM.DELETE.deliveries',
  '$JS.API.STREAM.PURGE.runs',
  '$JS.API.CONSUMER.DELETE.ops.kept',
]
const strangers = allProcesses.filter(process => !['watcher', 'bridge'].includes(process))

describe.each(natsVersions)('nats-server %s', async version => {
  const secrets = someSecrets()
  const { url } = await natsWithUsers(version, secrets)
  const as = (process: Process) => connectedAs(process, secrets, url)
  const log = logOf('test', 'error')

  it.each(strangers)('has no answer to %s go where it may not itself', async process => {
    const [watcher, bridge, nc] = await Promise.all([as('watcher'), as('bridge'), as(process)])
    await ensureStreams(watcher, 1, log)
    await watcher.request('runs.n.r', 'kept')
    for (const key of ['objects.Task.n.t', 'silences.resource.n.s'])
      await watcher.request(`$KV.${key}`, 'kept')
    const config = { durable_name: 'kept', ack_policy: 'explicit' }
    await asked(bridge, '$JS.API.CONSUMER.DURABLE.CREATE.ops.kept', { stream_name: 'ops', config })
    const before = await stateOf(watcher, bridge)

    for (const reply of targets) {
      const traced = headers()
      traced.set('Nats-Trace-Dest', reply)
      for (const subject of rights[process].publish.map(pattern => pattern.replaceAll(/[*>]/g, 'x'))) {
        nc.publish(subject, '', { reply })
        // Not at all where the destination is refused.
        nc.publish(subject, '', { reply, headers: traced })
      }
      for (const stream of passedBy(process)) await passAndPush(nc, stream, reply)
      if (rights[process].publish.some(isListed)) await listTo(nc, reply)
    }
    await nc.flush()
    expect(await stateOf(watcher, bridge)).toEqual(before)
  })
})

const passedBy = (process: Process) =>
  ['ops', 'deadletters', 'KV_objects', 'KV_silences'].filter(stream =>
    passing(stream).every(subject => rights[process].publish.includes(subject)),
  )

/** Has a consumer of its own send to this subject what lies in the stream, and that nothing more does. */
async function passAndPush(nc: NatsConnection, stream: string, reply: string) {
  const common = { ack_policy: 'none', deliver_policy: 'all', mem_storage: true }
  const create = (more: object) =>
    asked(nc, `$JS.API.CONSUMER.CREATE.${stream}`, { stream_name: stream, config: { ...common, ...more } })
  const { name } = Named.parse(await create({}))
  const next = `$JS.API.CONSUMER.MSG.NEXT.${stream}.${name}`
  for (const no_wait of [true, true]) nc.publish(next, JSON.stringify({ batch: 1, no_wait }), { reply })
  await create({ deliver_subject: reply, headers_only: true })
}

/** Has what lists a bucket send its keys there. */
async function listTo(nc: NatsConnection, reply: string) {
  const [name, filter_subject] = [randomUUID(), '$KV.silences.>']
  const config = { name, filter_subject, deliver_subject: reply, headers_only: true, ack_policy: 'none' }
  const made = { stream_name: 'KV_silences', config }
  Named.parse(await asked(nc, `$JS.API.CONSUMER.CREATE.KV_silences.${name}.${filter_subject}`, made))
}

const asked = async (nc: NatsConnection, subject: string, body: object): Promise<unknown> =>
  (await nc.request(subject, JSON.stringify(body))).json()

const Info = z.object({
  created: z.string(),
  state: z.object({ first_seq: z.number(), last_seq: z.number() }),
})

/** What must stay as it is; on `deliveries` and `runs` some of them may well publish. */
async function stateOf(watcher: NatsConnection, bridge: NatsConnection) {
  const infoOf = async (name: string) =>
    Info.safeParse(await asked(watcher, `$JS.API.STREAM.INFO.${name}`, {})).data
  const kept = await asked(bridge, '$JS.API.CONSUMER.INFO.ops.kept', {})
  return {
    journal: (await infoOf('journal'))?.state.last_seq,
    deliveries: (await infoOf('deliveries'))?.created,
    runs: (await infoOf('runs'))?.state.first_seq,
    kept: Named.safeParse(kept).data,
  }
}
const Named = z.object({ name: z.string() })
