import type { Cover, Stored } from '../../../shared/adapters/browse.ts'
import type { Message } from '../../../shared/adapters/publisher.ts'
import { mediaTypes } from '../../../shared/cloudevents-http.ts'
import { isDelivery } from '../../../shared/delivery.ts'
import { isEvent, type OpsEvent } from '../../../shared/event.ts'
import { idOf } from '../../../shared/id.ts'
import { parseJson } from '../../../shared/json.ts'
import { told } from '../../../shared/story.ts'

/** A dead letter as it is shown; times as RFC 3339. Its id is its place in the stream: the server finds it by that. */
export type Letter = {
  id: string
  time: string
  trigger: string
  subject: string
  reason: string
  attempts: number
  firstTime?: string
  lastTime?: string
  bytes: number
}

/** What its headers and its place tell. */
export function letterOf({ seq, stored, subject, headers, ...rest }: Cover | Stored): Letter {
  const say = (name: string) => headers?.get(name) ?? ''
  const [, trigger = ''] = subject.split('.')
  const [firstTime, lastTime] = [isoOf(say(told.firstTime)), isoOf(say(told.lastTime))]
  return {
    id: String(seq),
    time: new Date(stored).toISOString(),
    trigger,
    subject: say(told.subject) || subject.split('.').slice(2).join('.'),
    reason: say(told.reason),
    attempts: Number(say(told.attempts)) || 0,
    ...(firstTime && { firstTime }),
    ...(lastTime && { lastTime }),
    bytes: 'bytes' in rest ? rest.bytes : rest.payload.length,
  }
}

function isoOf(milliseconds: string): string | undefined {
  return /^\d{1,15}$/.test(milliseconds) ? new Date(Number(milliseconds)).toISOString() : undefined
}

/** What lies in a dead letter: the event, or what came in its place, with the headers that say how to read it. */
export type Contents =
  | { event: OpsEvent }
  | { headers: Record<string, string>; body: Uint8Array }
  | { problem: string }

/** Reads it. */
export function contentsOf({ headers, payload }: Stored): Contents {
  if (headers?.get('content-type') === mediaTypes.structured) {
    const parsed = parseJson(Buffer.from(payload).toString('utf8'))
    if ('value' in parsed && isEvent(parsed.value)) return { event: parsed.value }
  }
  const kept: Record<string, string> = {}
  for (const [name, values] of headers ?? [])
    if (/^(content-type|ce-[a-z0-9]+)$/i.test(name)) kept[name] = values[0] ?? ''
  if (payload.length === 0 && Object.keys(kept).length === 0)
    return { problem: 'its event was too large to be kept with its story' }
  return { headers: kept, body: payload }
}

/** The hook, `namespace/name`, whose delivery it is. */
export const hookOf = (contents: Contents): string | undefined =>
  'event' in contents && isDelivery(contents.event) ? contents.event.hook : undefined

/**
 * The message by which a dead letter goes out again: in stream `retries`, where its own trigger alone takes it, as if
 * it had never been tried. A delivery says which replay it belongs to, so that it is sent though it was sent before.
 */
export function replayMessage(
  letter: Stored,
  contents: Exclude<Contents, { problem: string }>,
  { replayId, now }: { replayId: string; now: number },
): Message {
  const [, trigger = '', ...rest] = letter.subject.split('.')
  const subject = letter.headers?.get(told.subject)
  return {
    subject: `retries.${trigger}.1.${rest.join('.')}`,
    ...('event' in contents
      ? { payload: JSON.stringify(freshOf(contents.event, replayId)) }
      : { payload: contents.body }),
    id: idOf('replay', replayId, String(letter.seq), String(letter.stored)),
    headers: {
      ...('event' in contents ? { 'content-type': mediaTypes.structured } : contents.headers),
      [told.trigger]: trigger,
      ...(subject && { [told.subject]: subject }),
      [told.attempts]: '0',
      [told.firstTime]: String(now),
      [told.due]: String(now),
      [told.stream]: 'deadletters',
      [told.seq]: String(letter.seq),
    },
  }
}

function freshOf(event: OpsEvent, replayid: string): OpsEvent {
  const { knativeerrordest: _dest, knativeerrorcode: _code, knativeerrordata: _data, ...fresh } = event
  return isDelivery(event) ? { ...fresh, replayid } : fresh
}
