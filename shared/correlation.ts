import { z } from 'zod'
import type { OpsEvent } from './event.ts'
import { idOf } from './id.ts'
import { isObject } from './json.ts'
import { aboutOf } from './readable.ts'

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
export const Owners = z.array(z.object({ kind: z.string(), name: z.string(), uid: z.string().optional() }))

/** Events of one root belong together by the hour, in Unix time. Neighbouring hours are joined where one runs on. */
export const correlationWindow = 3600_000

/** What an event is about in the end, or undefined for one that says nothing of it. */
export function rootOf(event: OpsEvent): Root | undefined {
  const data = isObject(event.data) ? event.data : {}
  const said = aboutOf(event.subject ?? '')
  const kind = textOf(data.kind) ?? said.kind
  const name = textOf(data.name) ?? said.name
  const cluster = textOf(event.cluster) ?? textOf(data.cluster) ?? ''
  if (kind === undefined || name === undefined) return undefined
  const namespace = textOf(data.namespace) ?? said.namespace
  const owner = Owners.safeParse(data.owners).data?.at(-1)
  return owner ? { cluster, namespace, ...owner } : { cluster, kind, namespace, name, uid: textOf(data.uid) }
}

/**
 * The extension `correlationid`: the same for all that happens to one root within one window, whoever sees it first and
 * in whatever order. Nodes are known by name: kubelet gives their name as uid, and the controllers the real one.
 */
export function correlationIdOf(
  { cluster, kind, namespace = '', name, uid = '' }: Root,
  time: number,
): string {
  const isNode = kind.toLowerCase() === 'node'
  const window = Math.floor(time / correlationWindow)
  const place = isNode ? ['', name, ''] : [namespace, name, uid]
  return idOf('correlation', cluster, kind.toLowerCase(), ...place, String(window))
}

const textOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)
