import { connect, type NatsConnection, PermissionViolationError } from '@nats-io/transport-node'
import { describe, expect, it, onTestFinished } from 'vitest'
import { allProcesses, type Process } from '../../../infra/install/secrets.ts'
import { openNats } from '../../../shared/adapters/nats.ts'
import { runHoldersOver } from '../../../shared/adapters/run-holders.ts'
import { logOf } from '../../../shared/log.ts'
import { buckets, streams } from '../../../shared/streams.ts'
import { natsVersions } from '../../servers.ts'
import { connectedAs, endpointOf, natsWithUsers, someSecrets } from './servers.ts'

const streamNames = streams.map(({ name }) => name)
const bucketNames = Object.values(buckets)

/** An attempt: on which subject something would have to be allowed. */
type Try = { publish: string } | { subscribe: string }

const api = (verb: string) => ({ publish: `$JS.API.${verb}` })
const about: Record<string, string> = {
  ops: 'ops.clusters.c.namespaces.n.pods.p.events',
  deliveries: 'deliveries.n.h',
  runs: 'runs.n.r',
  retries: 'retries.webhook-deliver.1.n.h',
  deadletters: 'deadletters.webhook-deliver.n.h',
  journal: 'journal.webhook-deliver',
}

/** Everything that somebody could try, by what it would come to: one way that is open is enough. */
const attempts = {
  'publishes on': ways(streamNames, stream => [{ publish: about[stream] ?? '' }]),
  reads: ways(streamNames, stream => [
    { subscribe: `${stream}.>` },
    ...['STREAM.MSG.GET', 'CONSUMER.CREATE', 'DIRECT.GET'].map(verb => api(`${verb}.${stream}`)),
    ...[api(`CONSUMER.CREATE.${stream}.x.${stream}.>`), api(`CONSUMER.DURABLE.CREATE.${stream}.x`)],
  ]),
  'looks into': ways(bucketNames, bucket => [
    { subscribe: `$KV.${bucket}.>` },
    ...['STREAM.MSG.GET', 'CONSUMER.CREATE', 'DIRECT.GET'].map(verb => api(`${verb}.KV_${bucket}`)),
    api(`DIRECT.GET.KV_${bucket}.$KV.${bucket}.x`),
    ...[api(`CONSUMER.CREATE.KV_${bucket}.x.$KV.${bucket}.>`), api(`CONSUMER.DURABLE.CREATE.KV_${bucket}.x`)],
  ]),
  'writes into': ways(bucketNames, bucket => [{ publish: `$KV.${bucket}.x.y` }]),
  makes: ways([...streamNames, ...bucketNames.map(bucket => `KV_${bucket}`)], stream => [
    api(`STREAM.CREATE.${stream}`),
  ]),
  empties: ways([...streamNames, ...bucketNames.map(bucket => `KV_${bucket}`)], stream =>
    ['STREAM.DELETE', 'STREAM.PURGE', 'STREAM.MSG.DELETE', 'STREAM.RESTORE'].map(verb =>
      api(`${verb}.${stream}`),
    ),
  ),
  'takes from': ways(['ops.hook-evaluate', 'ops.event-store', 'deliveries.webhook-deliver'], consumer => [
    ...['CONSUMER.MSG.NEXT', 'CONSUMER.DELETE'].map(verb => api(`${verb}.${consumer}`)),
    { publish: `$JS.ACK.${consumer}.1.1.1.1.0` },
  ]),
  hears: ways(
    ['>', '_INBOX.>', '_INBOX_bridge.>', '_INBOX_ops-api.>', '$SYS.>', '$JS.API.>', '$JS.ACK.>'],
    all => [{ subscribe: all }],
  ),
}

function ways(names: readonly string[], of: (name: string) => Try[]): Record<string, Try[]> {
  return Object.fromEntries(names.map(name => [name, of(name)]))
}

type Table = Partial<Record<keyof typeof attempts, string[]>>

const everything = [...streamNames, ...bucketNames.map(bucket => `KV_${bucket}`)]

/** What each of them can, of all that: nothing else. */
const table: Record<Process, Table> = {
  watcher: {
    'publishes on': ['ops', 'runs'],
    'looks into': ['hooks', 'leases', 'checkpoints', 'counts', 'silences', 'ledger', 'objects'],
    'writes into': ['hooks', 'leases', 'checkpoints', 'counts', 'silences', 'objects'],
    makes: everything,
    empties: ['KV_objects'],
  },
  bridge: {
    'publishes on': ['retries', 'deadletters', 'journal'],
    reads: ['ops', 'deliveries', 'runs', 'retries', 'journal'],
    'looks into': ['hooks', 'leases', 'checkpoints', 'ledger'],
    'writes into': ['leases', 'checkpoints', 'ledger'],
    makes: everything,
    empties: ['journal'],
    'takes from': ['ops.hook-evaluate', 'ops.event-store', 'deliveries.webhook-deliver'],
    hears: ['_INBOX_bridge.>'],
  },
  'subject-ingest': { 'publishes on': ['ops'], 'looks into': ['runtokens'] },
  'hook-evaluate': {
    'publishes on': ['ops', 'deliveries'],
    'looks into': ['hooks', 'silences', 'raised'],
    'writes into': ['raised'],
  },
  'webhook-deliver': { 'publishes on': ['runs'], 'looks into': ['hooks'] },
  'cron-taskrun': {
    'publishes on': ['ops'],
    'looks into': ['objects', 'runtokens', 'hostkeys'],
    'writes into': ['objects', 'runtokens', 'hostkeys'],
  },
  'event-store': {},
  'ops-api': {
    'publishes on': ['retries'],
    reads: ['ops', 'deadletters'],
    'looks into': ['hooks', 'silences', 'replays', 'ledger', 'objects', 'hostkeys'],
    'writes into': ['replays', 'objects', 'hostkeys'],
    hears: ['_INBOX_ops-api.>'],
  },
}

describe.each(natsVersions)('nats-server %s', async version => {
  const secrets = someSecrets()
  const { url } = await natsWithUsers(version, secrets)
  const as = (process: Process) => connectedAs(process, secrets, url)

  it.each(allProcesses)('lets %s do what it has to, and nothing else', async process => {
    const refused = await refusedBy(await as(process), Object.values(attempts).flatMap(Object.values).flat(2))
    const isOpen = (one: Try) => !refused.has(keyOf(one))
    const can = Object.entries(attempts).map(([verb, things]) => [
      verb,
      Object.keys(things).filter(thing => things[thing]?.some(isOpen)),
    ])
    expect(Object.fromEntries(can)).toEqual({ ...nothing, ...table[process] })
  })

  it.each<[Process, string, string]>([
    ['bridge', 'ops.clusters.c.namespaces.ops-system.streams.ops.alerts', 'ops.clusters.c.nodes.n.alerts'],
    ['event-store', 'ops.clusters.c.patterns.k.alerts', 'ops.clusters.c.patterns.k.events'],
    ['hook-evaluate', 'retries.hook-evaluate.1.n.h', 'retries.webhook-deliver.1.n.h'],
    ['bridge', '$JS.API.CONSUMER.DELETE.ops.x_1', '$JS.API.CONSUMER.DELETE.ops.hook-evaluate'],
    ['ops-api', '$KV.silences.api.n.s', '$KV.silences.resource.n.s'],
    ['cron-taskrun', 'ops-events.stop.u', 'ops-events.other'],
  ])('lets %s publish on %s, not on %s', async (process, may, not) => {
    const refused = await refusedBy(await as(process), [{ publish: may }, { publish: not }])
    expect([...refused]).toEqual([keyOf({ publish: not })])
  })

  it('lets one cron-taskrun have another stop', async () => {
    const [holding, asking] = ['one', 'other'].map(() =>
      openNats(endpointOf('cron-taskrun', secrets, url), 'cron-taskrun', logOf('test', 'error')),
    )
    if (!holding || !asking) throw new Error('There are to be two of them')
    onTestFinished(async () => void (await Promise.all([holding.close(), asking.close()])))
    const told = Promise.withResolvers<string>()
    const { letGo } = await runHoldersOver(holding).hold('u', told.resolve)
    void told.promise.then(letGo)
    await runHoldersOver(asking).stop('u', 'enough')
    expect(await told.promise).toBe('enough')
  })

  it('lets nobody in without a user, or with the password of another', async () => {
    await expect(connect({ servers: url, reconnect: false })).rejects.toThrow(/authorization/i)
    const mixed = { servers: url, user: 'bridge', pass: 'c2VjcmV0IDAu', reconnect: false }
    await expect(connect(mixed)).rejects.toThrow(/authorization/i)
  })
})

const nothing = Object.fromEntries(Object.keys(attempts).map(verb => [verb, []]))
const keyOf = (one: Try) => ('publish' in one ? `publish ${one.publish}` : `subscription ${one.subscribe}`)

/** What the server refuses of these; what it lets through may well be nonsense to whoever gets it. */
async function refusedBy(nc: NatsConnection, tries: Try[]): Promise<Set<string>> {
  const refused = new Set<string>()
  const told = (async () => {
    for await (const status of nc.status()) {
      if (status.type !== 'error' || !(status.error instanceof PermissionViolationError)) continue
      refused.add(`${status.error.operation} ${status.error.subject}`)
    }
  })()
  for (const one of tries) {
    if ('publish' in one) nc.publish(one.publish, '{}')
    else nc.subscribe(one.subscribe, { callback() {} })
  }
  await nc.flush()
  await nc.close()
  await told
  return refused
}
