import { isUtf8 } from 'node:buffer'
import { impliedBy } from '../../shared/described.ts'
import type { OpsEvent } from '../../shared/event.ts'
import { subjectOf } from '../../shared/event-path.ts'
import { hopsIn } from '../../shared/hops.ts'
import { idOf } from '../../shared/id.ts'
import { isObject, maxDepth, parseJson } from '../../shared/json.ts'
import { quoted, type Refusal } from '../../shared/refusal.ts'
import { type About, type Post, type Request, traceOf } from './post.ts'

// What `curl -d` sends, and what people set who mean JSON; anything else is something else.
const readAsJson = /^(application\/(json|x-www-form-urlencoded)|text\/plain)? *(;|$)/i

/** The event of a JSON object. Its text goes into the event as it was written, so that no number or key changes. */
export function jsonPost(request: Request, event: string, about: About): Post | Refusal {
  const { headers, from, at } = request
  if (headers['ce-specversion'] !== undefined)
    return { status: 415, message: 'This path takes a JSON object as it is: send CloudEvents to POST /' }
  const type = headers['content-type'] ?? ''
  if (!readAsJson.test(type))
    return {
      status: 415,
      message: `Cannot read content-type ${quoted(type)}: send a JSON object as application/json, and CloudEvents to POST /`,
    }
  const placed = subjectOf(event, about)
  if ('problem' in placed) return { status: 422, message: placed.problem }
  const read = objectOf(request.body)
  if ('problem' in read) return { status: 400, message: `Cannot read the body: ${read.problem}` }

  const { subject } = placed
  const key = headers['idempotency-key']
  const id = typeof key === 'string' && key !== '' ? idOf(from, subject, key) : request.newId()
  const { type: ownType } = read.value
  const attributes: OpsEvent = {
    specversion: '1.0',
    id,
    source: about.source,
    type: typeof ownType === 'string' && ownType !== '' ? ownType : 'Default',
    subject,
    time: at.toISOString(),
    datacontenttype: 'application/json',
    cluster: about.cluster,
    ...traceOf(headers),
    ...hopsIn(headers),
    ...request.lineage,
  }
  const all = { ...attributes, ...impliedBy({ ...attributes, data: read.value }, about.classify) }
  const payload = `${JSON.stringify(all).slice(0, -1)},"data":${read.text}}`
  return { id, messageId: id, subject, payload: Buffer.from(payload) }
}

function objectOf(body: Buffer): { value: Record<string, unknown>; text: string } | { problem: string } {
  if (body.length === 0) return { problem: 'it is empty, it has to be a JSON object' }
  if (!isUtf8(body)) return { problem: 'it is not UTF-8' }
  const text = body.toString('utf8')
  const parsed = parseJson(text, maxDepth)
  if ('problem' in parsed) return parsed
  const { value } = parsed
  if (isObject(value)) return { value, text }
  return { problem: `it is ${kindOf(value)}, it has to be a JSON object such as {"message": "…"}` }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'an array' : `a ${typeof value === 'object' ? 'number' : typeof value}`
}
