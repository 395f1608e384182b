import { isEvent, type OpsEvent, ownSource } from '../../shared/event.ts'
import { idOf } from '../../shared/id.ts'
import { parseJson } from '../../shared/json.ts'
import { countsText } from '../../shared/readable.ts'
import type { Extra } from './message.ts'
import { nameOf as objectIn, reasonOf } from './request.ts'
import { nameOf, type WindowEnd } from './window-end.ts'
import { type End, terms } from './windows/windows.ts'

/** What is told of a window at its end: an event, and what goes with it; undefined when there is nothing to tell. */
export function noticeOf(end: WindowEnd, held: End): { event: OpsEvent; extra: Extra } | undefined {
  if (held.kind === 'told' || (held.kind === 'held' && held.count === 0)) return undefined
  return end.window.kind === 'dedup' ? lastHeld(end, held) : { event: digest(end, held), extra: digestExtra }
}

/** The last one that was held, since its reader wants to know how things stand now; the first where nobody knows. */
function lastHeld(end: WindowEnd, held: End): { event: OpsEvent; extra: Extra } {
  const known = held.kind === 'held' ? held : { count: 1, since: end.window.start, last: undefined }
  const heldsince = new Date(known.since).toISOString()
  return {
    event: eventIn(known.last) ?? end.event,
    extra: { id: idOf('held', nameOf(end)), told: { notice: 'held', held: known.count, heldsince } },
  }
}

const digestExtra: Extra = { told: { notice: 'digest' } }

/** A minute of a storm as an event of its own, on the subject of the first one that went into it. */
function digest(end: WindowEnd, held: End): OpsEvent {
  const { event, window, hook } = end
  const { count, reasons, names } =
    held.kind === 'held' ? held : { count: 1, reasons: { [reasonOf(event)]: 1 }, names: [objectIn(event)] }
  const [from, until] = [window.start, window.start + terms.minute].map(time => new Date(time).toISOString())
  const message = `${count} ${count === 1 ? 'event' : 'events'} in this minute: ${countsText(reasons)}`
  return {
    specversion: '1.0',
    id: idOf('digest', nameOf(end)),
    source: ownSource,
    type: 'Digest',
    ...(event.subject !== undefined && { subject: event.subject }),
    time: until ?? '',
    datacontenttype: 'application/json',
    ...(event.cluster !== undefined && { cluster: event.cluster }),
    ...(event.correlationid !== undefined && { correlationid: event.correlationid }),
    data: { hook, from, until, count, reasons, names, message },
  }
}

function eventIn(text: string | undefined): OpsEvent | undefined {
  const parsed = parseJson(text ?? '')
  return 'value' in parsed && isEvent(parsed.value) ? parsed.value : undefined
}
