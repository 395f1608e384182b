import type { OpsEvent } from '../../shared/event.ts'
import { isObject } from '../../shared/json.ts'
import { aboutOf, plain } from '../../shared/readable.ts'
import type { Shipment } from './sink.ts'

const mostCharacters = 200

/** One line that says what happened to what: `NodeNotReady: node/worker-1 in prod`. */
export function titleOf(event: OpsEvent, { notice, held }: Pick<Shipment, 'notice' | 'held'>): string {
  const data = isObject(event.data) ? event.data : {}
  const resolved = notice === 'resolved' ? 'Resolved: ' : ''
  const more = notice === 'held' && held ? ` (${held.count} more)` : ''
  const line = (resolved + (told(data) || happened(event, data)) + more).replaceAll(
    /[\s\p{Cc}\p{Zl}\p{Zp}]+/gu,
    ' ',
  )
  const short = line.length > mostCharacters ? `${line.slice(0, mostCharacters - 1)}…` : line
  return short.toWellFormed().trim()
}

// Many systems put a title of their own into their notices.
const told = ({ title, summary }: Record<string, unknown>) => plain(title) || plain(summary)

function happened(event: OpsEvent, data: Record<string, unknown>): string {
  const what = whatOf(event, data)
  const place = [plain(data.cluster) || plain(event.cluster), namespaceOf(event, data)]
    .filter(Boolean)
    .join('/')
  return [what, placed(subjectOf(event, data), place)].filter(Boolean).join(': ')
}

const placed = (thing: string, place: string) => (thing && place ? `${thing} in ${place}` : thing || place)

function whatOf(event: OpsEvent, data: Record<string, unknown>): string {
  const status = isObject(data.status) ? data.status.heartStatus : data.status
  const state = plain(data.runStatus) || plain(status)
  switch (event.type) {
    case 'Kube':
      return plain(data.reason) || plain(data.type) || 'Event'
    case 'Digest':
      return plain(data.message) || 'Digest'
    case 'TaskRunReport':
      return [plain(data.kind), state].filter(Boolean).join(' ')
    default:
      return plain(data.reason) || [event.type, state].filter(Boolean).join(' ')
  }
}

/** The thing it happened to: `node/worker-1`, a host, a task; what the subject says where the data says nothing. */
function subjectOf(event: OpsEvent, data: Record<string, unknown>): string {
  const about = aboutOf(event.subject ?? '')
  const kind = event.type === 'TaskRunReport' ? '' : plain(data.kind).toLowerCase()
  const named = plain(data.name)
  if (kind && named) return `${kind}/${named}`
  const own = [data.hook, data.host, data.address, data.taskRef, data.pipelineRef, data.server, data.name]
    .map(plain)
    .find(Boolean)
  if (own) return own
  if (about.kind && about.name) return `${about.kind}/${about.name}`
  return event.subject ?? ''
}

const namespaceOf = (event: OpsEvent, data: Record<string, unknown>) =>
  plain(data.namespace) || (aboutOf(event.subject ?? '').namespace ?? '')
