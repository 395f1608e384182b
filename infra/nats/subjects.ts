import { buckets, streams } from '../../shared/streams.ts'

// The subjects of JetStream's API (nats-server's jetstream_api.go) by what they are good for. Both 2.9.10 and current
// servers have them; what a request says beside its subject no right can limit.

/** Reads entries of a bucket. Servers before 2.10 are asked first whether it is there. */
export const reads = (bucket: string) => [
  `$JS.API.STREAM.MSG.GET.KV_${bucket}`,
  `$JS.API.STREAM.INFO.KV_${bucket}`,
]

/** Writes entries of a bucket, or takes them away, which is a write too. */
export const writes = (bucket: string, keys = '>') => [`$KV.${bucket}.${keys}`]

/** Hears of what others write into a bucket, as it is written. */
export const hears = (bucket: string) => [`$KV.${bucket}.>`]

/** Lists the keys of a bucket, or watches them, by an ordered consumer of its own. */
export const lists = (bucket: string) => [
  `$JS.API.CONSUMER.CREATE.KV_${bucket}.*.$KV.${bucket}.>`,
  `$JS.API.CONSUMER.INFO.KV_${bucket}.*`,
  `$JS.API.CONSUMER.DELETE.KV_${bucket}.*`,
  `$JS.FC.KV_${bucket}.>`,
]

/** Is it by an ordered consumer, which is not asked for each message? Only those are held back when they send too much. */
export const isListed = (subject: string) => subject.startsWith('$JS.FC.')

/** Does one request bring as many answers as it says? */
export const answersOften = (subject: string) => subject.startsWith('$JS.API.CONSUMER.MSG.NEXT.')

/** Reads a stream by consumers that pass: they have no durable name, and nothing is acknowledged. */
export const passing = (stream: string) => [
  `$JS.API.STREAM.INFO.${stream}`,
  `$JS.API.CONSUMER.CREATE.${stream}`,
  ...each.map(verb => `$JS.API.CONSUMER.${verb}.${stream}.*`),
]
const each = ['INFO', 'MSG.NEXT', 'DELETE']

/** The same of consumers by name: those of a stream that whoever reads it in passing must leave alone. */
export const consumers = (stream: string, names: string[]) =>
  names.flatMap(name => each.map(verb => `$JS.API.CONSUMER.${verb}.${stream}.${name}`))

/** Keeps durable consumers of a stream, takes from them, and acknowledges. */
export const takes = (stream: string) => [
  `$JS.API.CONSUMER.CREATE.${stream}.>`,
  `$JS.API.CONSUMER.DURABLE.CREATE.${stream}.*`,
  `$JS.API.CONSUMER.INFO.${stream}.*`,
  `$JS.API.CONSUMER.MSG.NEXT.${stream}.*`,
  `$JS.ACK.${stream}.>`,
]

/** Makes our streams and buckets where they are missing, and looks whether they are as they should be. */
export const makes = [
  ...streams.map(({ name }) => name),
  ...Object.values(buckets).map(bucket => `KV_${bucket}`),
]
  .flatMap(stream => [`$JS.API.STREAM.INFO.${stream}`, `$JS.API.STREAM.CREATE.${stream}`])
  // To take over what leaf clusters have in theirs.
  .concat('$JS.API.STREAM.UPDATE.ops')

/** By which those who hold a run are asked to let go of it (shared/adapters/run-holders.ts). */
export const stop = 'ops-events.stop.*'
