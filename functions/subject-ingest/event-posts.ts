import { decodeHttp } from '../../shared/cloudevents-http.ts'
import { described } from '../../shared/described.ts'
import type { OpsEvent } from '../../shared/event.ts'
import { subjectOf } from '../../shared/event-path.ts'
import { hopsIn } from '../../shared/hops.ts'
import { idOf } from '../../shared/id.ts'
import { maxDepth } from '../../shared/json.ts'
import type { Refusal } from '../../shared/refusal.ts'
import { type About, type Post, type Request, traceOf } from './post.ts'

/** The event of a CloudEvents request, of a batch all of them, or why one of them is not taken. */
export function eventPosts(request: Request, about: About): Post | Post[] | Refusal {
  const decoded = decodeHttp(request.headers, request.body, maxDepth)
  if ('problem' in decoded) {
    const { status, problem } = decoded
    return { status, message: `Cannot read the CloudEvents: ${problem}` }
  }
  const posts: Post[] = []
  for (const [index, event] of decoded.events.entries()) {
    const post = eventPost(event, request, about)
    if ('status' in post) {
      const which = decoded.mode === 'batch' ? `Member ${index + 1} of the batch: ` : ''
      return { ...post, message: which + post.message }
    }
    posts.push(post)
  }
  const [first] = posts
  return first && decoded.mode !== 'batch' ? first : posts
}

function eventPost(event: OpsEvent, request: Request, about: About): Post | Refusal {
  if (!event.subject)
    return { status: 422, message: 'The CloudEvent has no subject: it has to say what to publish it on' }
  const placed = subjectOf(event.subject, about)
  if ('problem' in placed) return { status: 422, message: placed.problem }
  const { subject } = placed
  const made = {
    ...event,
    subject,
    time: event.time ?? request.at.toISOString(),
    cluster: about.cluster,
    ...(event.traceparent ? undefined : traceOf(request.headers)),
    ...ours,
    ...hopsIn(request.headers),
    ...request.lineage,
  }
  const payload = JSON.stringify(described(made, about.classify))
  const messageId = idOf(request.from, event.source, event.id)
  return { id: event.id, messageId, subject, payload: Buffer.from(payload) }
}

// What only we may say of an event: undefined, they are left out.
const ours = {
  causationid: undefined,
  hops: undefined,
  via: undefined,
  hook: undefined,
  hookrevision: undefined,
  deliveryid: undefined,
}
