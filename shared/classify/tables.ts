import type { Classified } from '../classify.ts'
import type { OpsEvent } from '../event.ts'
import { isObject } from '../json.ts'
import { type Severity, severities } from '../severity.ts'
import { kinds } from './kinds.ts'
import { type Message, messages, ofReason } from './messages.ts'
import { reasons } from './reasons.ts'
import { ofKubeType, ofObservation, ofStatus, ofType } from './types.ts'

/** What one row of the table says; `open`: a message that says more goes first. */
export type Row = { meaning: Classified; component: string; open: boolean }

/** The rows of one reason: of kinds of objects, and of all others. */
type Rows = { any?: Row; kinds: Map<string, Row> }

/** The table of reasons as it is looked up. @throws Error for a reason that stands in it twice */
export const rowsOf = indexed()

function indexed(): Map<string, Rows> {
  const index = new Map<string, Rows>()
  for (const { component, category, severity, word } of written()) {
    const name = word.replace('?', '')
    const [reason = '', kind] = name.split('/').reverse()
    const row = {
      meaning: { category, severity, because: `reason ${name}` },
      component,
      open: name !== word,
    }
    const known: Rows = index.get(reason) ?? { kinds: new Map() }
    if (kind ? known.kinds.has(kind) : known.any) throw new Error(`Reason "${name}" stands twice`)
    if (kind) known.kinds.set(kind, row)
    else known.any = row
    index.set(reason, known)
  }
  return index
}

function written() {
  return Object.entries(reasons).flatMap(([component, categories]) =>
    Object.entries(categories).flatMap(([category, rows]) =>
      severities.flatMap(severity =>
        (rows[severity]?.split(' ') ?? []).map(word => ({ component, category, severity, word })),
      ),
    ),
  )
}

/** Longer messages are looked at so far. */
const longest = 1024

/** What the tables say of an event, whatever it says of itself. */
export function foundIn(event: OpsEvent): Classified {
  const data = isObject(event.data) ? event.data : nothing
  const type = ofType.get(event.type)
  if (type) return { ...type, severity: statusOf(data) ?? type.severity, because: `type ${event.type}` }
  const row = rowOf(data)
  const message = typeof data.message === 'string' ? data.message : ''
  if (row) return byMessage(row, data.reason, message)
  return notInTable(event, data, message)
}

const nothing: Record<string, unknown> = {}

function rowOf({ reason, kind }: Record<string, unknown>): Row | undefined {
  const rows = typeof reason === 'string' ? rowsOf.get(reason) : undefined
  if (!rows) return undefined
  if (typeof kind === 'string') return rows.kinds.get(kind) ?? rows.any
  return rows.any ?? rows.kinds.values().next().value
}

function byMessage({ meaning, open }: Row, reason: unknown, message: string): Classified {
  const own = typeof reason === 'string' && Object.hasOwn(ofReason, reason) ? ofReason[reason] : undefined
  const found = (own && fitting(own, message)) ?? (open ? fitting(messages, message) : undefined)
  if (!found) return meaning
  const { category, severity = meaning.severity } = found
  return { category, severity, because: `${meaning.because}, message ${category}` }
}

function notInTable(event: OpsEvent, data: Record<string, unknown>, message: string): Classified {
  const observation = observationOf(event.subject ?? '')
  const seen = ofObservation.get(observation)
  const kubeType = typeof data.type === 'string' ? ofKubeType.get(data.type) : undefined
  const plain = statusOf(data) ?? kubeType ?? seen?.severity ?? 'info'
  const found = seen?.category === 'notification' ? undefined : fitting(messages, message)
  // What is normal may well tell that trouble is over.
  const severity = (kubeType !== 'info' && found?.severity) || plain
  if (found) return { category: found.category, severity, because: `message ${found.category}` }
  const kind = typeof data.kind === 'string' ? kinds.get(data.kind.toLowerCase()) : undefined
  if (kind) return { category: kind, severity, because: `kind ${data.kind}` }
  if (seen) return { category: seen.category, severity, because: `subject ${observation}` }
  const because = kubeType ? `type ${data.type}` : `type ${event.type}`
  return { category: 'other', severity, because }
}

const observationOf = (subject: string): string =>
  subject.startsWith('ops.notifications.') ? 'notifications' : subject.slice(subject.lastIndexOf('.') + 1)

const fitting = (among: Message[], message: string): Message | undefined => {
  if (message === '') return undefined
  const text = message.length > longest ? message.slice(0, longest) : message
  return among.find(({ about }) => about.test(text))
}

function statusOf({ status, runStatus }: Record<string, unknown>): Severity | undefined {
  const said = isObject(status) ? status.heartStatus : status
  return (
    (typeof said === 'string' ? ofStatus.get(said) : undefined) ??
    (typeof runStatus === 'string' ? ofStatus.get(runStatus) : undefined)
  )
}
