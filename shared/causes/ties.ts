import { z } from 'zod'
import { correlationIdOf, type Root, rootOf } from '../correlation.ts'
import { ownSource } from '../event.ts'
import { isObject } from '../json.ts'
import { claimsOf, namedIn } from './claims.ts'
import { type Seen, type Tie, textOf } from './rule.ts'

const Identified = z.object({ uid: z.string().min(1) })

/** What an event is tied to others by: those with a key of the same rule belong together. */
export function keysOf(tie: Tie, side: 'cause' | 'effect', event: Seen): string[] {
  const { cluster } = event
  return [...new Set(readers[tie](event, side))].map(key => `${cluster}/${key}`)
}

const readers: Record<Tie, (event: Seen, side: 'cause' | 'effect') => string[]> = {
  node: ({ kind, name, node }) => some(kind === 'Node' ? name : node),
  claim: event =>
    [...claimsOf(event).map(({ name }) => name), ...namedIn(event).claims].map(
      name => `${event.namespace}/${name}`,
    ),
  volume: event => [
    ...some(event.kind === 'PersistentVolume' ? event.name : ''),
    ...claimsOf(event).flatMap(({ volume }) => some(volume)),
    ...namedIn(event).volumes,
  ],
  name: ({ namespace, name }) => [`${namespace}/${name}`],
  object: ({ kind, namespace, name }) => [place(kind, namespace, name)],
  preemptor: (event, side) => some(side === 'cause' ? uidOf(event.data) : preemptorIn(event)),
  root: event => some(rootKey(event)),
}

const uidOf = (data: unknown) => Identified.safeParse(data).data?.uid

// The scheduler names it by its uid alone, and in the newer API's events by reference too.
function preemptorIn(event: Seen): string | undefined {
  const related = isObject(event.data) ? uidOf(event.data.related) : undefined
  return related ?? /Preempted by (?:a )?pod ([0-9a-f-]{36})/i.exec(textOf(event))?.[1]
}

const some = (key: string | undefined) => (key ? [key] : [])
const place = (kind: string, namespace: string, name: string) => `${kind}/${namespace}/${name}`

/** What an event is about in the end. */
export function rootSeen(event: Seen): Root | undefined {
  const { id, subject, cluster, data } = event
  return rootOf({ specversion: '1.0', id, source: ownSource, type: 'Stored', subject, cluster, data })
}

/** The same, if its correlation is that of its root and its hour: a caller may have set another. */
export function ownRoot(event: Seen): Root | undefined {
  const root = rootSeen(event)
  return root && correlationIdOf(root, event.time.getTime()) === event.correlation ? root : undefined
}

/** The root whatever the hour; for a correlation of a caller's own that one. */
export function rootKey(event: Seen): string | undefined {
  const root = ownRoot(event)
  return root ? correlationIdOf(root, 0) : (event.correlation ?? undefined)
}
