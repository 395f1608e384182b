import type { Process } from '../install/secrets.ts'
import { consumers, hears, lists, makes, passing, reads, stop, takes, writes } from './subjects.ts'

/** On which subjects a user may publish, and on which it may not all the same; and on which it may subscribe. */
export type Rights = {
  publish: string[]
  never?: string[]
  subscribe: string[]
  /**
   * In the account of the streams, not in one of its own. No right limits where an answer goes: in there an empty one to
   * `$JS.API.STREAM.DELETE.deliveries` deletes that stream. Into an account of its own answers come back, and go no
   * further.
   */
  inside?: true
  /** What may come with this user, where not everything may. */
  only?: 'LEAFNODE'
}

/** The consumers of `ops` that last. Whoever reads it in passing leaves them alone. */
const lasting = ['hook-evaluate', 'event-store']

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
    subscribe: [own('watcher'), ...hears('leases')],
    inside: true,
  },
  bridge: {
    publish: [
      ...['retries.>', 'deadletters.>', 'journal.*', 'ops.clusters.*.namespaces.*.streams.ops.alerts'],
      ...makes,
      ...['ops', 'deliveries', 'runs', 'retries'].flatMap(takes),
      ...['$JS.API.STREAM.MSG.GET.journal', ...passing('journal'), '$JS.API.STREAM.PURGE.journal'],
      ...['hooks', 'leases', 'ledger', 'checkpoints'].flatMap(reads),
      ...['leases', 'ledger', 'checkpoints'].flatMap(bucket => writes(bucket)),
      // How far the leaf clusters are, and what they lost: read in passing, by a consumer that goes with its reader.
      ...['$JS.*.API.STREAM.INFO.ops', '$JS.API.CONSUMER.DELETE.ops.*'],
    ],
    never: lasting.map(name => `$JS.API.CONSUMER.DELETE.ops.${name}`),
    subscribe: [own('bridge'), ...hears('leases')],
    inside: true,
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
    never: consumers('ops', lasting),
    subscribe: [own('ops-api')],
  },
  // A leaf cluster is asked for its stream, by NATS itself and by the bridge, and sends it: it neither publishes here nor
  // hears what is published.
  leaf: {
    publish: ['_LEAF.>', '$JSC.R.>', own('bridge')],
    subscribe: ['$JS.*.API.CONSUMER.>', '$JS.*.API.STREAM.>', '$JS.FC.>'],
    inside: true,
    only: 'LEAFNODE',
  },
}
