import type { Message } from '../../shared/adapters/publisher.ts'
import { mediaTypes } from '../../shared/cloudevents-http.ts'
import { idOf } from '../../shared/id.ts'
import { classOf } from '../../shared/retries.ts'
import { told } from '../../shared/story.ts'
import { limits } from '../../shared/subject.ts'
import { eventOf } from './events.ts'
import { type Item, originOf } from './item.ts'
import { type Trigger, urlOf } from './triggers.ts'

/**
 * The message that a given-up event becomes: the event with Knative's `knativeerror…` extensions, and in headers
 * which trigger gave up, why, after how many attempts and since when. What is no CloudEvent stays as it was.
 */
export function deadLetterOf(
  trigger: Trigger,
  item: Item,
  why: { reason: string; code?: number | undefined },
  wall: number,
): Message {
  const { origin } = urlOf(trigger)
  const reason = masked(why.reason)
  const read = eventOf(item)
  const payload =
    'event' in read
      ? JSON.stringify({
          ...read.event,
          knativeerrordest: origin,
          ...(why.code !== undefined && { knativeerrorcode: why.code }),
          knativeerrordata: reason,
        })
      : item.pulled.payload
  return {
    subject: `deadletters.${trigger.name}.${restOf(item.subject)}`,
    payload,
    id: idOf('deadletter', trigger.name, placeOf(item)),
    headers: {
      ...('event' in read ? { 'content-type': mediaTypes.structured } : originalHeaders(item)),
      ...storyOf(trigger, item),
      [told.reason]: reason,
      [told.lastTime]: String(wall),
    },
  }
}

/** The message by which an event waits in stream `retries` for its next attempt, `delay` milliseconds at least. */
export function retryMessageOf(
  trigger: Trigger,
  item: Item,
  delay: number,
  why: { reason: string },
  wall: number,
): Message {
  const seconds = classOf(delay)
  return {
    subject: `retries.${trigger.name}.${seconds}.${restOf(item.subject)}`,
    payload: item.pulled.payload,
    id: idOf('retry', trigger.name, placeOf(item), String(item.attempts)),
    headers: {
      ...originalHeaders(item),
      ...storyOf(trigger, item),
      [told.reason]: masked(why.reason),
      [told.due]: String(Math.ceil(wall + delay)),
    },
  }
}

/** The message by which an event waits in its subject's siding, as one that was not attempted. */
export const sidingMessageOf = (trigger: Trigger, item: Item): Message => ({
  subject: `${sidingsOf(trigger)}.${restOf(item.subject)}`,
  payload: item.pulled.payload,
  id: idOf('siding', trigger.name, placeOf(item)),
  headers: { ...originalHeaders(item), ...storyOf(trigger, item) },
})

/** Under this are all sidings of a trigger. */
export const sidingsOf = ({ name }: { name: string }) => `retries.${name}.side`

/** A subject without its first token; NATS cuts the connection of who publishes on one that is too long. */
export const restOf = (subject: string) =>
  subject.length > limits.characters ? 'long' : subject.slice(subject.indexOf('.') + 1)
const placeOf = (item: Item) => `${item.pulled.stream}/${item.pulled.seq}/${item.pulled.stored}`

function storyOf(trigger: Trigger, item: Item): Record<string, string> {
  const origin = originOf(item.pulled)
  return {
    [told.trigger]: trigger.name,
    [told.subject]: item.subject,
    [told.attempts]: String(item.attempts),
    [told.firstTime]: String(item.firstTime),
    [told.stream]: origin.stream,
    [told.seq]: origin.seq,
  }
}

/** What says how to read the payload: its content type, and attributes in binary mode. */
function originalHeaders(item: Item): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const [name, values] of item.pulled.headers ?? []) {
    // A lone line feed, which NATS lets through, or an odd name is refused when it is sent on.
    if (/^(content-type|ce-[a-z0-9]+)$/i.test(name)) kept[name] = printableOf(values[0] ?? '')
  }
  return kept
}

const printableOf = (text: string) => text.replaceAll(/\p{Cc}+/gu, ' ').trim()

const mostReason = 1024
const secrets: [RegExp, string][] = [
  // Paths and queries of URLs are where chat services keep their keys.
  [/\b([a-z][a-z0-9+.-]{0,20}:\/\/)(?:[^\s/@]*@)?([^\s/?#"']+)[^\s"']*/gi, '$1$2/…'],
  [/\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi, '$1 …'],
  [/((?:key|token|secret|passwd|password|signature|\bsign)["']?\s*[=:]\s*["']?)[^\s"'&,;}]+/gi, '$1…'],
]

/** A reason without what could open a door, of at most 1 KiB and free of control characters, as a header can hold it. */
export function masked(reason: string): string {
  const short = reason.slice(0, 8 * mostReason).toWellFormed()
  const clean = secrets.reduce((text, [pattern, put]) => text.replaceAll(pattern, put), short)
  return Buffer.from(printableOf(clean))
    .subarray(0, mostReason)
    .toString('utf8')
    .replace(/\uFFFD+$/, '')
}

/**
 * The same dead letter for a server that refused it as too large: first as the event came, then the story alone,
 * which names the place of the original in its stream.
 */
export function smallerDeadLetter(message: Message, item: Item): Message {
  const asItCame = message.payload !== item.pulled.payload && message.payload !== ''
  const { 'content-type': _, ...story } = message.headers ?? {}
  return asItCame
    ? { ...message, headers: { ...story, ...originalHeaders(item) }, payload: item.pulled.payload }
    : { ...message, headers: story, payload: '' }
}
