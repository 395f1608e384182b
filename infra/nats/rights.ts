import type { Process } from '../install/secrets.ts'
import { consumers, lists, makes, passing, reads, stop, takes, writes } from './subjects.ts'

/** On which subjects a user may publish, and on which it may not all the same; and on which it may subscribe. */
export type Rights = {
  publish: string[]
  never?: string[]
  subscribe: string[]
  /** What may come with this user, where not everything may. */
  only?: 'LEAFNODE'
}

/** Replies arrive at each process's own inbox. A user that could read another's would read what is answered there. */
const own = (process: string) => `_INBOX_${process}.>`

/**
 * What each process may do on NATS, which is what it does: test/infra/rights has the whole of it work with these, and
 * shows that the rest is refused.
 */
export const rights: Record<Process | 'leaf', Rights> = {
  watcher: {
    publish: [
      ...['ops.clusters.>', 'runs.>'],
      ...makes,
      ...['hooks', 'leases', 'checkpoints', 'counts', 'silences', 'objects'].flatMap(reads),
      ...['hooks', 'leases', 'checkpoints', 'counts', 'silences', 'objects'].flatMap(bucket =>
        writes(bucket),
      ),
      ...['silences', 'objects'].flatMap(lists),
      ...[...passing('KV_objects'), '$JS.API.STREAM.PURGE.KV_objects'],
      ...reads('ledger'),
    ],
    subscribe: [own('watcher')],
  },
  bridge: {
    publish: [
      ...['retries.>', 'deadletters.>', 'journal.*', 'ops.clusters.*.namespaces.*.streams.ops.alerts'],
      ...makes,
      ...['ops', 'deliveries', 'runs', 'retries'].flatMap(takes),
      ...['$JS.API.STREAM.MSG.GET.journal', '$JS.API.STREAM.PURGE.journal'],
      ...['hooks', 'leases', 'ledger', 'checkpoints'].flatMap(reads),
      ...['leases', 'ledger', 'checkpoints'].flatMap(bucket => writes(bucket)),
      // How far the leaf clusters are.
      '$JS.*.API.STREAM.INFO.ops',
    ],
    subscribe: [own('bridge')],
  },
  'subject-ingest': {
    publish: ['ops.>', '$JS.API.DIRECT.GET.KV_runtokens.$KV.runtokens.*'],
    subscribe: [own('subject-ingest')],
  },
  'hook-evaluate': {
    publish: [
      ...['ops.>', 'deliveries.>', 'retries.hook-evaluate.>'],
      ...['hooks', 'silences', 'raised'].flatMap(reads),
      ...[...lists('silences'), ...writes('raised')],
    ],
    subscribe: [own('hook-evaluate')],
  },
  'webhook-deliver': {
    publish: ['runs.>', ...reads('hooks')],
    subscribe: [own('webhook-deliver')],
  },
  'cron-taskrun': {
    publish: [
      ...['ops.clusters.>', '$JS.API.DIRECT.GET.KV_runtokens.$KV.runtokens.*'],
      ...['runtokens', 'hostkeys', 'objects'].flatMap(reads),
      ...['runtokens', 'hostkeys', 'objects'].flatMap(bucket => writes(bucket)),
      ...passing('KV_objects'),
      // Who holds a run is asked to stop, and answers at the inbox of who asked.
      ...[stop, own('cron-taskrun')],
    ],
    subscribe: [stop, own('cron-taskrun')],
  },
  'event-store': {
    publish: ['ops.clusters.*.patterns.*.alerts'],
    subscribe: [own('event-store')],
  },
  'ops-api': {
    publish: [
      ...['retries.>', '$JS.API.CONSUMER.LIST.retries'],
      ...['deliveries', 'retries'].map(stream => `$JS.API.STREAM.INFO.${stream}`),
      ...[...passing('deadletters'), ...passing('ops'), '$JS.API.STREAM.MSG.GET.deadletters'],
      ...['hooks', 'ledger', 'silences', 'replays', 'hostkeys', 'objects'].flatMap(reads),
      ...[...lists('silences'), ...passing('KV_objects')],
      ...[
        ...writes('silences', 'api.>'),
        ...['replays', 'hostkeys', 'objects'].flatMap(bucket => writes(bucket)),
      ],
    ],
    // Consumers of its own have names that the server makes up; those of the bridge are not its own.
    never: consumers('ops', ['hook-evaluate', 'event-store', 'leaves']),
    subscribe: [own('ops-api')],
  },
  // A leaf cluster is asked for its stream, and sends it: it neither publishes here nor hears what is published.
  leaf: {
    publish: ['_LEAF.>', '$JSC.R.>', '_INBOX.>'],
    subscribe: ['$JS.*.API.CONSUMER.>', '$JS.*.API.STREAM.>', '$JS.FC.>'],
    only: 'LEAFNODE',
  },
}
