import type { PublishError } from '../../shared/adapters/publisher.ts'
import { quoted, type Refusal, retryAfter } from '../../shared/refusal.ts'

export const busy: Refusal = {
  status: 503,
  message: 'Too many events wait for JetStream: send it again later',
  head: retryAfter(1_000),
}

/** `after` in milliseconds. */
export const tooMany = (token: string, after: number): Refusal => ({
  status: 429,
  message: `Token ${quoted(token)} sends more events than it may: wait as long as Retry-After says`,
  head: retryAfter(after),
})

export const tooLarge = (what: string, most: number): Refusal => ({
  status: 413,
  message: `${what} is larger than ${most} bytes: put what is large elsewhere, and its address into the event`,
})

export const foreign = (token: string, subject: string): Refusal => ({
  status: 403,
  message: `Token ${quoted(token)} may not publish on ${quoted(subject)}`,
})

/** What the caller of an event is told that JetStream did not take. */
export function notTaken(error: PublishError): Refusal {
  switch (error.kind) {
    case 'refused':
      // JetStream's errors have no kind of their own for a message that is larger than the stream allows.
      return { status: /size/i.test(error.message) ? 413 : 422, message: error.message }
    case 'full':
      return { status: 503, message: error.message, head: retryAfter(10_000) }
    case 'unavailable':
      return {
        status: 503,
        message: `${error.message}: send it again, with one Idempotency-Key or CloudEvents id for all attempts it is stored once`,
        head: retryAfter(1_000),
      }
  }
}
