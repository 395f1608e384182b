import type { Post, Request } from '../../../functions/subject-ingest/post.ts'
import { isEvent, type OpsEvent } from '../../../shared/event.ts'
import type { Refusal } from '../../../shared/refusal.ts'

/** An installation, and a request to it from the token `ci`. */
export const about = { cluster: 'C.1', namespace: 'ops-system', source: '/us' }
export const request = (body: string | Buffer, headers: Request['headers'] = {}): Request => ({
  headers,
  body: Buffer.from(body),
  from: 'ci',
  at: new Date('2026-01-31T12:00:00Z'),
  newId: () => 'new-id',
})

/** The event as it goes out. @throws Error when it is refused or a batch */
export function sent(post: Post | Post[] | Refusal): OpsEvent {
  if (Array.isArray(post)) throw new Error('a batch')
  if ('status' in post) throw new Error(post.message)
  const event: unknown = JSON.parse(post.payload.toString())
  if (!isEvent(event)) throw new Error('no CloudEvent')
  return event
}
