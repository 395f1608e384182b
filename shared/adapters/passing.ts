import { AckPolicy, type ConsumerConfig, DeliverPolicy } from '@nats-io/jetstream'

const nanoseconds = 1_000_000
/** Of a consumer that nobody took away, since we ended in between; milliseconds. */
const forgotten = 60_000

/** A consumer of our own for what lies behind a place of a stream, on subjects of one pattern: it acknowledges nothing. */
export const passing = ({ after, pattern }: { after: number; pattern: string }): Partial<ConsumerConfig> => ({
  filter_subject: pattern,
  deliver_policy: DeliverPolicy.StartSequence,
  opt_start_seq: after + 1,
  ack_policy: AckPolicy.None,
  mem_storage: true,
  inactive_threshold: forgotten * nanoseconds,
})
