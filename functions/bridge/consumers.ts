import { AckPolicy, type ConsumerConfig, DeliverPolicy, type JetStreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { managerOf } from '../../shared/adapters/jetstream.ts'
import { idOf } from '../../shared/id.ts'
import { type Log, messageOf } from '../../shared/log.ts'
import { delayClasses } from '../../shared/retries.ts'
import { patternCovers } from '../../shared/subject.ts'
import { sidingsOf } from './deadletter.ts'
import type { Trigger } from './triggers.ts'

/**
 * How long a message stays leased to the bridge without a sign of life, in milliseconds: the time after which a
 * crashed bridge's events go to another. Slow sinks do not count, one sweep extends the leases of all that is held.
 */
export const ackWait = 6_000
/** After so long the server surely hands out again what nobody extended the lease of: it looks with a timer. */
export const handedOutAgain = ackWait + 1_000
/** For how long the server keeps a request of an ordered trigger: it may outlive the right to make it. */
export const orderedExpires = 2_000
const nanoseconds = 1_000_000
const mostPending = 4_096
/** All replicas of the bridge take from a trigger's own durable, each as much as it has room for. */
const mostTaken = 16_384

/** The durable that serves one delay class of a trigger in stream `retries`. */
export const retriesConsumer = (trigger: string, seconds: number) => `${trigger}-${seconds}`

/** The durable that serves a subject's siding; `key` is no name that NATS takes. */
export const sidingConsumer = (trigger: string, key: string) => `${trigger}-side-${idOf('siding', key)}`

/** Makes the durables of a trigger, or brings them up to date. `floor`: what is known to be acknowledged up to. */
export async function ensureConsumers(
  nc: NatsConnection,
  trigger: Trigger,
  floor: number,
  log: Log,
): Promise<void> {
  const jsm = await managerOf(nc)
  const { subjects } = trigger.filter
  const filter = filterOf(subjects, nc.info?.version ?? '')
  // The bridge acknowledges what it does not want, and in a work queue that would take it from those who do.
  if (trigger.stream !== 'ops' && Object.keys(filter).length === 0) {
    throw new Error(
      `Trigger "${trigger.name}" has several subjects in work queue "${trigger.stream}": that needs nats-server 2.10`,
    )
  }
  const start = await startOf(jsm, trigger, floor)
  await ensure(
    jsm,
    trigger.stream,
    {
      ...common(trigger.name),
      max_ack_pending: mostTaken,
      ...start,
      ...filter,
    },
    log,
  )
  await Promise.all(
    delayClasses.map(seconds =>
      ensure(
        jsm,
        'retries',
        {
          ...common(retriesConsumer(trigger.name, seconds)),
          deliver_policy: DeliverPolicy.All,
          filter_subject: `retries.${trigger.name}.${seconds}.>`,
        },
        log,
      ),
    ),
  )
}

/** Makes the durable of a subject's siding, which goes when nobody has asked it for an hour. */
export async function ensureSiding(
  nc: NatsConnection,
  trigger: Trigger,
  key: string,
  log: Log,
): Promise<void> {
  const jsm = await managerOf(nc)
  const consumer = {
    ...common(sidingConsumer(trigger.name, key)),
    deliver_policy: DeliverPolicy.All,
    filter_subject: `${sidingsOf(trigger)}.${key}`,
    inactive_threshold: 3600_000 * nanoseconds,
  }
  await ensure(jsm, 'retries', consumer, log)
}

const common = (name: string) => ({
  durable_name: name,
  ack_policy: AckPolicy.Explicit,
  ack_wait: ackWait * nanoseconds,
  max_ack_pending: mostPending,
  // The bridge counts attempts itself: a message that was delivered too often would stay for ever and come no more.
  max_deliver: -1,
})

// A durable that somebody deleted goes on where it was: starting at the end would lose what lies between.
async function startOf(
  jsm: JetStreamManager,
  trigger: Trigger,
  floor: number,
): Promise<Partial<ConsumerConfig>> {
  // A stream that was made anew counts from 1 again.
  const isSame = floor > 0 && (await jsm.streams.info(trigger.stream)).state.last_seq >= floor
  if (isSame) return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: floor + 1 }
  return { deliver_policy: trigger.deliverPolicy === 'all' ? DeliverPolicy.All : DeliverPolicy.New }
}

/**
 * Which subjects the server need not send. The bridge looks at every subject itself all the same: servers before
 * 2.10 silently ignore several filters, newer ones refuse those that overlap.
 */
export function filterOf(subjects: string[], version: string): Partial<ConsumerConfig> {
  const distinct = merged(subjects)
  const [first] = distinct
  if (distinct.length === 1 && first) return { filter_subject: first }
  return hasManyFilters(version) ? { filter_subjects: distinct } : {}
}

/** Can a server of this version filter for several subjects? */
export function hasManyFilters(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 2 || (major === 2 && minor >= 10)
}

/** Patterns without those that another one covers. */
export function merged(patterns: string[]): string[] {
  const distinct = [...new Set(patterns)]
  return distinct.filter(one => !distinct.some(other => other !== one && patternCovers(other, one)))
}

type Wanted = Partial<ConsumerConfig> & { durable_name: string; ack_wait: number; max_ack_pending: number }

async function ensure(jsm: JetStreamManager, stream: string, wanted: Wanted, log: Log): Promise<void> {
  const name = wanted.durable_name
  const is = await configOf(jsm, stream, name)
  if (is && differences(wanted, is).length === 0) return
  const { ack_wait, max_ack_pending, filter_subject, filter_subjects } = wanted
  const put = (filters: { filter_subject: string | undefined; filter_subjects: string[] | undefined }) =>
    is
      ? jsm.consumers.update(stream, name, written({ ack_wait, max_ack_pending, ...filters }))
      : jsm.consumers.add(stream, written({ ...wanted, ...filters }))
  const { config } = await put({ filter_subject, filter_subjects }).catch(error => {
    // Filters that overlap without one covering the other cannot be had: the bridge sorts out what is not wanted.
    if (stream !== 'ops' || !filter_subjects || !/overlap/i.test(messageOf(error))) throw error
    return put({ filter_subject: undefined, filter_subjects: undefined })
  })
  const differs = differences(wanted, config)
  if (differs.length > 0)
    log.warn({ stream, consumer: name, differs }, 'The server keeps the consumer otherwise than asked')
  else if (is) log.info({ stream, consumer: name }, 'Consumer brought up to date')
  else log.debug({ stream, consumer: name }, 'Consumer made')
}

// The client keeps what is not mentioned: a field that is to go has to be null.
const written = (config: object): Partial<ConsumerConfig> =>
  JSON.parse(JSON.stringify(config, (_, value) => value ?? null))

async function configOf(
  jsm: JetStreamManager,
  stream: string,
  name: string,
): Promise<ConsumerConfig | undefined> {
  try {
    return (await jsm.consumers.info(stream, name)).config
  } catch (error) {
    if (/consumer not found/i.test(messageOf(error))) return undefined
    throw error
  }
}

/** What a server made of a configuration otherwise than was asked: older ones ignore fields without a word. */
function differences(wanted: Wanted, is: ConsumerConfig): string[] {
  const compared = ['ack_wait', 'max_ack_pending', 'filter_subject', 'filter_subjects'] as const
  return compared
    .filter(field => JSON.stringify(is[field] ?? []) !== JSON.stringify(wanted[field] ?? []))
    .map(field => `${field}: ${JSON.stringify(is[field])}, asked ${JSON.stringify(wanted[field])}`)
}
