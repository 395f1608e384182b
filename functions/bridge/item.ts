import type { Pulled } from '../../shared/adapters/pull.ts'
import { told } from '../../shared/story.ts'

/** An event in the bridge's hands, leased until it is acknowledged. */
export type Item = {
  pulled: Pulled
  /** The subject under which it was published, kept through retries. */
  subject: string
  /** What has to stay in order, and what may share a request; empty where nothing has to. */
  lane: string
  group: string
  /** Failed attempts so far, and when the first was made, in Unix milliseconds. */
  attempts: number
  firstTime: number
  /** Was it in a request before, here or by what the server says? */
  sent: boolean
  /** The most events that a request with this one may have: narrowed when a whole request failed. */
  most: number
  /** When the lease was last taken or extended. */
  leasedAt: number
  takenAt: number
}

/** The item for a message of a stream or of `retries`; `wall` is Unix time, `now` the process's clock. */
export function itemOf(
  pulled: Pulled,
  how: { ordered: boolean; groupBy: 'none' | 'subject'; batch: number },
  { wall, now }: { wall: number; now: number },
): Item {
  // Elsewhere these headers are a stranger's words.
  const story = pulled.stream === 'retries' ? pulled.headers : undefined
  const subject = story?.get(told.subject) || pulled.subject
  return {
    pulled,
    subject,
    lane: how.ordered ? objectOf(subject) : '',
    group: how.groupBy === 'subject' ? subject : '',
    attempts: Number(story?.get(told.attempts)) || 0,
    sent: pulled.deliveries > 1 || Number(story?.get(told.attempts)) > 0,
    firstTime: Number(story?.get(told.firstTime)) || wall,
    most: how.batch,
    leasedAt: now,
    takenAt: now,
  }
}

/** Where a message was published first: what waited in `retries` tells it. */
export function originOf({ stream, seq, headers }: Pulled): { stream: string; seq: string } {
  const story = stream === 'retries' ? headers : undefined
  return { stream: story?.get(told.stream) || stream, seq: story?.get(told.seq) || String(seq) }
}

/** The object that a subject is about: all but the observation. */
const objectOf = (subject: string) => subject.slice(0, Math.max(subject.lastIndexOf('.'), 0))
