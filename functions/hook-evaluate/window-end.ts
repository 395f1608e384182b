import { z } from 'zod'
import type { Message } from '../../shared/adapters/publisher.ts'
import { mediaTypes } from '../../shared/cloudevents-http.ts'
import { isEvent, type OpsEvent, ownSource } from '../../shared/event.ts'
import type { CompiledHook } from '../../shared/hookset.ts'
import { idOf } from '../../shared/id.ts'
import { classOf, delayClasses } from '../../shared/retries.ts'
import { told } from '../../shared/story.ts'
import { limits } from '../../shared/subject.ts'
import { terms, type Window } from './windows/windows.ts'

/** The end of a window: which, of which hook, when (Unix ms), and the first event that it held back. */
export type WindowEnd = { hook: string; window: Window; until: number; event: OpsEvent }

// The trigger of the bridge that brings events here, under whose name they wait.
const trigger = 'hook-evaluate'
const longestWait = Math.max(...delayClasses) * 1000
/** A minute's digest is made a little later, for who is late with its clock. */
const grace = 2_000
/** Data of more characters does not travel with the end of a window. */
const longestData = 65_536

// No event of anybody else's has such a subject: what comes in from outside stands under `ops.`.
const subject = 'windows.ends'
const type = 'WindowEnd'

/** When a window of this hook is over, in Unix ms. */
export const untilOf = (hook: CompiledHook, { kind, start }: Window): number =>
  kind === 'dedup' ? start + (hook.dedup?.window ?? 0) : start + terms.minute + grace

/** Names a window and its hook; the same for all that it holds. */
export const nameOf = ({ hook, window: { kind, key, start } }: Pick<WindowEnd, 'hook' | 'window'>): string =>
  idOf('window', hook, kind, key, String(start))

/**
 * The message by which the end of a window waits in stream `retries`. What is further away than the longest delay
 * there comes back in between, at times that are the same for whoever asks, so that twice is once.
 */
export function endMessage(end: WindowEnd, now: number): Message {
  const rests = Math.max(Math.ceil((end.until - now) / longestWait) - 1, 0)
  const due = end.until - rests * longestWait
  const id = idOf('window-end', nameOf(end), String(due))
  const about = end.event.subject ?? ''
  const made: OpsEvent = {
    specversion: '1.0',
    id,
    source: ownSource,
    type,
    subject,
    time: new Date(due).toISOString(),
    datacontenttype: 'application/json',
    data: { ...end, event: travelling(end.event) },
  }
  const rest = about.length > limits.characters ? 'long' : about.slice(about.indexOf('.') + 1)
  return {
    subject: `retries.${trigger}.${classOf(Math.max(due - now, 1_000))}.${rest}`,
    payload: JSON.stringify(made),
    id,
    headers: {
      'content-type': mediaTypes.structured,
      [told.trigger]: trigger,
      [told.subject]: about,
      [told.attempts]: '0',
      [told.firstTime]: String(now),
      [told.due]: String(due),
    },
  }
}

/** Is it a message about the end of a window, and not somebody's event of the same type? */
export const isWindowEnd = (event: OpsEvent): boolean =>
  event.subject === subject && event.type === type && event.source === ownSource

/** Reads it; undefined when it cannot be read. */
export const windowEndOf = (event: OpsEvent): WindowEnd | undefined => Shape.safeParse(event.data).data

const Shape = z.object({
  hook: z.string(),
  window: z.object({ kind: z.enum(['dedup', 'storm']), key: z.string(), start: z.number() }),
  until: z.number(),
  event: z.custom<OpsEvent>(isEvent),
})

function travelling(event: OpsEvent): OpsEvent {
  const length = event.data_base64?.length ?? JSON.stringify(event.data ?? null).length
  if (length <= longestData) return event
  const { data: _, data_base64: __, ...rest } = event
  return rest
}
