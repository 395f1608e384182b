import { randomUUID } from 'node:crypto'
import type { KV } from '@nats-io/kv'
import { parseJson } from '../../json.ts'
import { messageOf } from '../../log.ts'
import { namesProblem } from '../../object-names.ts'
import { type Draft, type Objects, RefusedObject, type Stored } from '../../objects.ts'
import type { Kind } from '../../resources.ts'
import { buckets } from '../../streams.ts'
import { openBucket, orOvertaken } from '../kv.ts'
import { connectionOf, type Nats } from '../nats.ts'
import { type Applying, applyingIn } from './applying.ts'
import { mirrorOf } from './mirror.ts'
import { removerIn } from './owned.ts'
import { inOrder, specOf, storedOf, storedOr } from './read.ts'
import { asRead, keyOfObject, newWhole, type Whole, withStatus } from './whole.ts'

/** Of the 1 MiB that NATS takes of each, in bytes. */
const mostOfNew = 704 * 1024

/**
 * The objects of ours where there is no cluster, in a bucket that the watcher makes; as they would lie in a cluster.
 * With what the watcher needs to put those of its folder there.
 */
export function objectsInKv(
  nats: Nats,
  { now, uid = randomUUID }: { now(): number; uid?(): string },
): Objects & Applying {
  const mirror = mirrorOf()
  const connection = () => connectionOf(nats)
  const open = async (): Promise<KV> => openBucket(await connection(), buckets.objects)
  const look = async () => mirror.look(await connection())
  const remove = removerIn({ open, look })

  return {
    async get(kind, namespace, name) {
      if (namesProblem({ namespace, name }) !== undefined) return undefined
      const entry = await (await open()).get(keyOfObject(kind, namespace, name)).catch(orNoBucket)
      if (entry?.operation !== 'PUT') return undefined
      const text = parseJson(entry.string())
      return storedOf(
        kind,
        asRead('value' in text ? text.value : { metadata: { namespace, name } }, entry.revision),
      )
    },

    async list(kind, { namespace, labels = {} } = {}) {
      const prefix =
        namespace === undefined ? keyOfObject(kind, '', '').slice(0, -1) : keyOfObject(kind, namespace, '')
      const wanted = Object.entries(labels)
      const found: Stored<typeof kind>[] = []
      for (const [key, { value, revision, whole }] of (await look().catch(orNoBucket)) ?? []) {
        if (!whole || !key.startsWith(prefix)) continue
        if (wanted.some(([label, value]) => whole.metadata.labels[label] !== value)) continue
        const object = storedOr(kind, asRead(value, revision))
        if (object) found.push(object)
      }
      return inOrder(found)
    },

    async create(draft) {
      const whole = newWhole(
        { ...draft, metadata: { ...draft.metadata, uid: uid() }, spec: read(draft) },
        now(),
      )
      return put(draft.kind, whole)
    },

    putStatus: (object, status) =>
      put(object.kind, withStatus(object, status, now()), Number(object.metadata.resourceVersion)),

    remove: object => remove(object),
    ...applyingIn({ open, look, remove, connection, now }),
  }

  async function put<K extends Kind>(kind: K, whole: Whole, before?: number): Promise<Stored<K> | undefined> {
    const kv = await open()
    const key = keyOfObject(kind, whole.metadata.namespace, whole.metadata.name)
    const text = JSON.stringify(whole)
    const bytes = Buffer.byteLength(text)
    if (before === undefined && bytes > mostOfNew)
      throw refusal(
        whole,
        `it has ${bytes} bytes, it may have ${mostOfNew}, since its status has to fit beside it`,
      )
    const revision = await orOvertaken(
      before === undefined ? kv.create(key, text) : kv.update(key, text, before),
    )
    return revision === undefined ? undefined : storedOf(kind, asRead(whole, revision))
  }
}

/** The spec of a draft with the defaults of its schema. */
function read(draft: Draft<Kind>): Record<string, unknown> {
  const { kind, metadata, spec } = draft
  const said = specOf(kind, spec)
  const problem = namesProblem(metadata) ?? ('problem' in said ? said.problem : undefined)
  if (problem !== undefined || 'problem' in said) throw refusal(draft, String(problem))
  return said.spec
}

const refusal = ({ kind, metadata }: Pick<Draft<Kind>, 'kind' | 'metadata'>, problem: string) =>
  new RefusedObject(`Cannot make ${kind} "${metadata.namespace}/${metadata.name}": ${problem}`)

/** Where nobody has made the bucket there is no object either. */
function orNoBucket(error: unknown): undefined {
  if (/stream not found/i.test(messageOf(error))) return undefined
  throw error
}
