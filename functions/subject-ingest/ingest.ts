import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { type PubAck, PublishError, type Publisher } from '../../shared/adapters/publisher.ts'
import type { Tokens } from '../../shared/adapters/tokens-file.ts'
import { mediaTypes } from '../../shared/cloudevents-http.ts'
import { answer, bodyOf, type Handler } from '../../shared/host.ts'
import type { Log } from '../../shared/log.ts'
import type { Limiter } from '../../shared/rate.ts'
import { encoded, type Refusal } from '../../shared/refusal.ts'
import { mayPublish } from '../../shared/tokens.ts'
import { eventPosts } from './event-posts.ts'
import { jsonPost } from './json-post.ts'
import type { About, Post } from './post.ts'
import { busy, foreign, notTaken, tooLarge, tooMany } from './refusal.ts'
import { routeOf } from './route.ts'
import type { Caller, RunCallers } from './run-callers.ts'

/** What ingest needs of the world. */
export type World = {
  about: About
  tokens: Tokens
  runs: RunCallers
  rate: Limiter
  bus: Publisher
  log: Log
}

/** What became of one event: JetStream holds it. */
type Taken = { id: string; subject: string } & PubAck

const mebibyte = 1024 * 1024
/** Bytes that NATS' limit leaves to an event's attributes, and of them to what later stages add and its headers. */
const room = { attributes: 8 * 1024, later: 4 * 1024 }
/** Bytes of events in hand at most: while the bus is away they would fill the memory. */
const mostHeld = 64 * mebibyte
const structured = { 'content-type': mediaTypes.structured }

/** Takes events over HTTP, and answers when JetStream holds them (design, section 7). */
export function ingest({ about, tokens, runs, rate, bus, log }: World): Handler {
  let held = 0

  async function take(request: IncomingMessage): Promise<{ data: Taken | Taken[] } | Refusal> {
    const route = routeOf(request.method, request.url)
    if ('status' in route) return route
    const { headers } = request
    const caller = tokens.of(headers.authorization) ?? (await runs.of(headers.authorization))
    if ('status' in caller) return caller
    const { name, lineage }: Caller = caller
    const wait = rate.wait(name, performance.now())
    if (wait > 0) return tooMany(name, wait)
    if ((headers['content-encoding'] ?? 'identity') !== 'identity') return encoded

    const most = Math.min(bus.maxPayload(), mebibyte)
    const body = await bodyOf(request, most - room.attributes)
    if (!body) return tooLarge('The body', most - room.attributes)
    if (held + body.length > mostHeld) return busy
    const read = { headers, body, from: name, at: new Date(), newId: randomUUID, ...(lineage && { lineage }) }
    const posts =
      route.kind === 'json'
        ? jsonPost(read, route.event, { ...about, namespace: route.namespace })
        : eventPosts(read, about)
    if ('status' in posts) return posts

    const all = Array.isArray(posts) ? posts : [posts]
    for (const { subject, payload } of all) {
      if (!mayPublish(caller, subject)) return foreign(name, subject)
      if (payload.length > most - room.later) return tooLarge('The event', most - room.later)
    }
    rate.charge(name, all.length, performance.now())
    held += body.length
    try {
      return { data: Array.isArray(posts) ? await Promise.all(posts.map(publish)) : await publish(posts) }
    } catch (error) {
      if (error instanceof PublishError) return notTaken(error)
      throw error
    } finally {
      held -= body.length
    }
  }

  async function publish({ id, messageId, subject, payload }: Post): Promise<Taken> {
    const { stream, seq, duplicate } = await bus.publish({
      subject,
      payload,
      id: messageId,
      headers: structured,
    })
    return { id, subject, stream, seq, duplicate }
  }

  return async (request, response) => {
    const taken = await take(request)
    if ('data' in taken)
      // In scripts what is printed next begins a line of its own.
      return answer(response, 200, `${JSON.stringify({ code: 0, message: 'success', data: taken.data })}\n`)
    const { status, message, head } = taken
    log.debug({ status, because: message }, 'Refused')
    answer(response, status, `${JSON.stringify({ code: status, message })}\n`, head)
  }
}
