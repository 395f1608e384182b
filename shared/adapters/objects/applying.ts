import { isDeepStrictEqual } from 'node:util'
import type { NatsConnection } from '@nats-io/transport-node'
import { z } from 'zod'
import type { Draft } from '../../objects.ts'
import { type Kind, resources } from '../../resources.ts'
import { orOvertaken } from '../kv.ts'
import { ownedBy, type Place, type Removed } from './owned.ts'
import { removeMarkers, removeOrphans } from './sweep.ts'
import { keyOfObject, newWhole, type Whole } from './whole.ts'

/** An object as it lies there, whoever made it, and which version that is. */
export type Kept = { whole: Whole; revision: number }

/** An object as somebody has it written down, with the defaults of its schema. */
export type Written = Omit<Draft<Kind>, 'spec'> & { spec: Record<string, unknown> }

type Named = { kind: Kind; metadata: { namespace: string; name: string } }

/** All objects as they are in one moment, and what is remembered of their names. */
export type Snapshot = { objects: Kept[]; ran(object: Named): string[] }

/** What it takes to have objects as somebody has them written down. */
export type Applying = {
  all(): Promise<Snapshot>
  /** Makes one anew, in the place of `before`, which goes with all that it owns; false where somebody else was faster. */
  make(object: Written, uid: string, before?: Kept): Promise<boolean>
  /** Brings one up to what is written; its uid and status stay. False where somebody else was faster. */
  change(object: Written, before: Kept): Promise<boolean>
  /** Takes one away, with all that it owns. */
  discard(object: Kept): Promise<void>
  /** The uids that are remembered of this name in this moment. */
  ran(object: Named): Promise<string[]>
  /** Remembers that an object with this uid was made to run once, for when it is gone. */
  remember(object: Named, uid: string): Promise<void>
  /** Takes away what was left behind: what lost its owner, and what only says that something is gone. */
  sweep(): Promise<void>
}

/** Of one name. */
const mostRemembered = 100
const lookForMarkersEvery = 3600_000

/** What an adapter has in its hands. */
type Hands = Place & {
  connection(): Promise<NatsConnection>
  remove(object: Removed): Promise<void>
  /** Unix ms. */
  now(): number
}

export function applyingIn({ connection, open, look, remove, now }: Hands): Applying {
  let markersLookedAt = Number.NEGATIVE_INFINITY

  async function memoryOf(key: string): Promise<{ uids: string[]; revision: number }> {
    const entry = await (await open()).get(key)
    const uids = entry?.operation === 'PUT' ? Uids.safeParse(entry.json()).data : undefined
    return { uids: uids ?? [], revision: entry?.revision ?? 0 }
  }

  async function put(whole: Whole, before?: Kept): Promise<boolean> {
    const kv = await open()
    const key = keyOfObject(whole.kind, whole.metadata.namespace, whole.metadata.name)
    const text = JSON.stringify(whole)
    const written = before ? kv.update(key, text, before.revision) : kv.create(key, text)
    return (await orOvertaken(written)) !== undefined
  }

  return {
    async all() {
      const lying = await look()
      return {
        objects: [...lying.values()].flatMap(({ whole, revision }) => (whole ? [{ whole, revision }] : [])),
        ran: object => Uids.safeParse(lying.get(memoryKey(object))?.value).data ?? [],
      }
    },

    async make({ kind, metadata, spec }, uid, before) {
      const made = await put(newWhole({ kind, metadata: { ...metadata, uid }, spec }, now()), before)
      if (made && before)
        for (const owned of ownedBy(before.whole.metadata.uid, await look())) await remove(owned)
      return made
    },

    change({ metadata: { labels = {}, annotations = {} }, spec }, before) {
      const { metadata } = before.whole
      const generation = metadata.generation + (isDeepStrictEqual(spec, before.whole.spec) ? 0 : 1)
      return put(
        { ...before.whole, metadata: { ...metadata, generation, labels, annotations }, spec },
        before,
      )
    },

    discard: ({ whole }) => remove(whole),
    ran: async object => (await memoryOf(memoryKey(object))).uids,

    async remember(object, uid) {
      const key = memoryKey(object)
      const kv = await open()
      for (;;) {
        const { uids, revision } = await memoryOf(key)
        if (uids.includes(uid)) return
        const text = JSON.stringify([...uids, uid].slice(-mostRemembered))
        if ((await orOvertaken(kv.put(key, text, { previousSeq: revision }))) !== undefined) return
      }
    },

    async sweep() {
      await removeOrphans({ open, look })
      if (now() - markersLookedAt < lookForMarkersEvery) return
      markersLookedAt = now()
      await removeMarkers(await connection(), now())
    },
  }
}

const Uids = z.array(z.string())

/** No kind is called so: what lies there is no object. */
const memoryKey = ({ kind, metadata: { namespace, name } }: Named) =>
  `ran.${resources[kind].plural}.${namespace}.${name}`
