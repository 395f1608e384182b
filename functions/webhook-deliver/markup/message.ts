import { clean, oneLine } from '../../../shared/clean.ts'
import { inWords } from '../../../shared/duration.ts'
import { listed } from '../../../shared/receivers/mentions.ts'
import type { Severity } from '../../../shared/severity.ts'
import type { Shipment } from '../sink.ts'
import { cut } from './cut.ts'

/** What every chat message is made of: plain text without controls, to be escaped for the service. */
export type Message = {
  /** One line, never empty. */
  title: string
  /** Fields of the event; one without a label is the whole text of an event that has no fields. */
  fields: [label: string, value: string][]
  additional: string
  /** What noise control tells, a sentence each, in words of our own. */
  notes: string[]
  /** An http(s) URL without a character that any markup takes for its own. */
  link: string | undefined
  tone: Tone
  /** Whom the hook's author wants to call, as `options.mentions` lists them. */
  mentions: string[]
}

/** How bad it is, or that it is over. */
export type Tone = Severity | 'resolved'

/** The word for it, where a service has no colours. */
export const toneWord = {
  critical: 'Critical',
  error: 'Error',
  warning: 'Warning',
  info: 'Info',
  resolved: 'Resolved',
} satisfies Record<Tone, string>

/** What a link to the event is called. */
export const linkText = 'Open in the console'

const mostFields = 32
const longestLabel = 64

/** A shipment as a chat message. */
export function messageOf(shipment: Shipment): Message {
  const { title, event, additional, link, notice, severity, options } = shipment
  return {
    title: oneLine(title) || oneLine(event.type) || 'Event',
    fields: fieldsOf(shipment),
    additional: clean(additional).trim(),
    notes: notesOf(shipment),
    link: linkOf(link),
    tone: notice === 'resolved' ? 'resolved' : severity,
    mentions: listed(options.mentions),
  }
}

/** For a service that shows the word for the tone in front of the title, which need not say then that it is over. */
export const worded = (message: Message): Message =>
  message.tone === 'resolved' ? { ...message, title: message.title.replace(/^Resolved: /, '') } : message

/** What noise control has to tell with a shipment: `37 more like this since 10:02 UTC`, `Resolved after 4m10s`. */
export function notesOf({ held, resolved, now }: Shipment): string[] {
  const notes: string[] = []
  if (resolved) notes.push(`Resolved after ${lasted(resolved)}`)
  if (held && held.count > 0) notes.push(`${held.count} more like this since ${clock(held.since, now)}`)
  return notes
}

function fieldsOf({ fields, text }: Shipment): [string, string][] {
  const shown = fields.length > 0 ? fields : [['', text] satisfies [string, string]]
  return shown
    .slice(0, mostFields)
    .map(([label, value]): [string, string] => [cut(oneLine(label), longestLabel), clean(value).trim()])
    .filter(([, value]) => value !== '')
}

function lasted({ from, to }: { from: string; to: string }): string {
  const ms = Date.parse(to) - Date.parse(from)
  return Number.isNaN(ms) ? 'an unknown time' : inWords(Math.max(0, ms))
}

// With its date where it was not in the last twelve hours.
function clock(time: string, now: number): string {
  const at = new Date(time)
  if (Number.isNaN(at.getTime())) return 'an unknown time'
  const text = at.toISOString().slice(0, 16).replace('T', ' ')
  return `${now - at.getTime() < 12 * 3_600_000 ? text.slice(11) : text} UTC`
}

function linkOf(link: string | undefined): string | undefined {
  const url = link === undefined ? null : URL.parse(link)
  if (!url || !/^https?:$/.test(url.protocol) || url.href.length > 1024) return undefined
  return url.href.replaceAll(/[()<>[\]|"'`*\\!]/g, percent)
}

const percent = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`
