import { z } from 'zod'
import type { OpsEvent } from './event.ts'
import { uuidOf } from './id.ts'
import { isObject } from './json.ts'
import { aboutOf } from './readable.ts'
import { remembering } from './remembering.ts'
import { token } from './subject.ts'

/** One object that an event is about, or one that owns it; `kind` is singular, as `Pod`. */
export type ObjectRef = {
  kind: string
  namespace?: string | undefined
  name: string
  uid?: string | undefined
}

/** What events are about in the end: the last of their owners. */
export type Root = ObjectRef & { cluster: string }

/** `data.owners`: whoever owns the object, the nearest first, its root last. The watcher puts them there. */
const Owners = z.array(
  z.object({ kind: z.string().min(1), name: z.string().min(1), uid: z.string().optional() }),
)

/** Events of one root belong together by the hour, in Unix time. Neighbouring hours are joined where one runs on. */
export const correlationWindow = 3600_000

/** What an event is about in the end, or undefined for one that says nothing of it. */
export function rootOf(event: OpsEvent): Root | undefined {
  const data = isObject(event.data) ? event.data : {}
  const object = objectOf(data) ?? objectIn(event.subject)
  if (!object) return undefined
  const cluster = textOf(event.cluster) ?? textOf(data.cluster) ?? ''
  // Most have none, and saying in full why nothing is no list takes longer than all the rest.
  const owner = Array.isArray(data.owners) ? Owners.safeParse(data.owners).data?.at(-1) : undefined
  return { cluster, ...object, ...(owner && { uid: undefined, ...owner }) }
}

/** The object that data names. A kind alone is none: findings have one too, such as `disk`. */
function objectOf(data: Record<string, unknown>): ObjectRef | undefined {
  const [kind, name] = [textOf(data.kind), textOf(data.name)]
  if (kind === undefined || name === undefined) return undefined
  return { kind, namespace: textOf(data.namespace), name, uid: textOf(data.uid) }
}

function objectIn(subject: string | undefined): ObjectRef | undefined {
  const { kind, namespace, name } = aboutOf(subject ?? '')
  return kind && name ? { kind, namespace, name } : undefined
}

/**
 * The extension `correlationid`: the same for all that happens to one root within one window, whoever sees it first and
 * in whatever order. An object is known by its uid where that is told, else by its place. Nodes are known by name:
 * kubelet gives their name as uid, and the controllers the real one; and as a token, since subjects have no other.
 */
export function correlationIdOf(
  { cluster, kind, namespace = '', name, uid = '' }: Root,
  time: number,
): string {
  const window = String(Math.floor(time / correlationWindow))
  const what = kind.toLowerCase()
  if (what === 'node') return idFor(cluster, what, name && token(name), window)
  const place = uid === '' ? [namespace, name] : [uid]
  return idFor(cluster, what, ...place, window)
}

// One root has many events in an hour, and hashing is what is dear.
const hashed = remembering(uuidOf, { texts: 5_000, longest: 1_000 })
const idFor = (...parts: string[]) => hashed(JSON.stringify(['correlation', ...parts]))

/**
 * The extension `correlationid` of an event: its own where it has one that is well-formed, else that of its root in the
 * hour of its time. Nothing for an event that is about nothing.
 */
export function correlationOf(event: OpsEvent): { correlationid?: string | undefined } {
  const { correlationid: own } = event
  if (typeof own === 'string' && isCorrelationId(own)) return { correlationid: own }
  const root = rootOf(event)
  const time = Date.parse(event.time ?? '')
  if (root && !Number.isNaN(time)) return { correlationid: correlationIdOf(root, time) }
  return own === undefined ? {} : { correlationid: undefined }
}

/** May it be an extension `correlationid`? Those that we make look like this too. */
export const isCorrelationId = (text: string): boolean => /^[!-~]{1,128}$/.test(text)

const textOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)
