import { severityOf } from '../../shared/classify.ts'
import { type Delivery, ownExtensions } from '../../shared/delivery.ts'
import { isEvent, type OpsEvent } from '../../shared/event.ts'
import { isObject } from '../../shared/json.ts'
import { plain, readableFields, readableText } from '../../shared/readable.ts'
import type { Opened } from './destination.ts'
import type { Shipment } from './sink.ts'
import type { Template } from './template.ts'
import { titleOf } from './title.ts'
import { lasted, linesOf, toldOf } from './told.ts'

/** How events are shown: `now` in Unix milliseconds, `console` a URL in which `{id}` and `{subject}` are filled. */
export type Showing = { now: number; timeZone: string; console?: string | undefined }

/** A delivery as a sink sees it. What only some sinks want is made when they ask for it. */
export function shipmentOf(delivery: Delivery, to: Opened, showing: Showing): Shipment {
  const { now, timeZone } = showing
  const event = eventIn(delivery)
  const told = toldOf(delivery, now)
  const plainText = readableText(event, timeZone)
  const link = showing.console && linkOf(event, showing.console)
  const shipment: Shipment = {
    event,
    ...told,
    text: withLines(plainText, linesOf(told, { now, timeZone })),
    templated: false,
    get title() {
      return titleOf(event, told)
    },
    get fields() {
      return fieldsOf(event, plainText, timeZone)
    },
    get severity() {
      return told.notice === 'resolved' ? 'info' : severityOf(event)
    },
    ...(link && { link }),
    ...(to.hook.resolve && { resolve: to.hook.resolve }),
    url: to.url,
    options: to.options,
    additional: to.additional,
    hook: { namespace: to.hook.namespace, name: to.hook.name },
    delivery: { id: delivery.deliveryid, attempt: attemptOf(delivery.attempt) },
    now,
  }
  if (to.template) fill(shipment, to.template)
  return shipment
}

const notTheirs = new Set(ownExtensions)

/** The event as it was before it became a delivery. */
export function eventIn(delivery: Delivery): OpsEvent {
  const event: Record<string, unknown> = {}
  for (const name in delivery) if (!notTheirs.has(name)) event[name] = delivery[name]
  if (!isEvent(event)) throw new Error('A delivery without its own extensions is no event')
  return event
}

function fill(shipment: Shipment, template: Template): void {
  const { event, text, title, severity, hook, additional, delivery, notice, held, resolved, link } = shipment
  const made = template({
    ...{ event, text, title, severity, hook, additional, delivery },
    ...{ ...(notice && { notice }), ...(held && { held }), ...(link && { link }) },
    data: event.data,
    fields: shipment.fields.map(([label, value]) => ({ label, value })),
    ...(resolved && { resolved: { from: resolved.from, to: resolved.to, after: lasted(resolved) } }),
  })
  if ('text' in made) {
    shipment.text = made.text
    shipment.templated = true
    return
  }
  // What woke somebody up has to arrive, whatever became of its form.
  const note = `The template of hook "${hook.namespace}/${hook.name}" failed: ${made.problem}`
  shipment.text = withLines(text, [note])
}

/** Lines of the form of the readable text, below it. */
function withLines(text: string, lines: string[]): string {
  if (lines.length === 0) return text
  const above = text === '' || text.endsWith('\n') ? text : `${text} \n`
  return above + lines.map(line => `${line} \n`).join('')
}

const mostFields = 32

/**
 * The lines of the readable text as pairs. Types without a list show what stands at the top of their data, and other data
 * than objects as one field.
 */
export function fieldsOf(event: OpsEvent, text: string, timeZone: string): [label: string, value: string][] {
  const listed = readableFields(event, timeZone)
  if (listed) return listed
  if (!isObject(event.data)) return text === '' ? [] : [['', text]]
  return Object.entries(event.data)
    .slice(0, mostFields)
    .map(([label, value]): [string, string] => [label, plain(value)])
    .filter(([, value]) => value !== '')
}

/** Where the event can be looked at. */
export function linkOf(event: OpsEvent, console: string): string {
  const known: Record<string, string> = { id: event.id, subject: event.subject ?? '' }
  return console.replaceAll(/\{(id|subject)\}/g, (_, name: string) =>
    encodeURIComponent((known[name] ?? '').toWellFormed()),
  )
}

// The bridge sets it from the second attempt on; in binary mode it comes as a string.
function attemptOf(value: unknown): number {
  const attempt = Number(value)
  return Number.isInteger(attempt) && attempt > 1 ? attempt : 1
}
