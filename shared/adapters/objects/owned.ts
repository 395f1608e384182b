import type { KV } from '@nats-io/kv'
import type { Objects } from '../../objects.ts'
import type { Kind } from '../../resources.ts'
import { orOvertaken } from '../kv.ts'
import type { Lying } from './mirror.ts'
import { keyOfObject, Whole } from './whole.ts'

/** The bucket, and all that lies in it. */
export type Place = { open(): Promise<KV>; look(): Promise<ReadonlyMap<string, Lying>> }

export type Removed = { kind: Kind; metadata: Pick<Whole['metadata'], 'name' | 'namespace' | 'uid'> }

/** Removes an object and what it owns, as a cluster does. */
export function removerIn({ open, look }: Place): (object: Removed) => ReturnType<Objects['remove']> {
  return async function remove({ kind, metadata: { namespace, name, uid } }) {
    const kv = await open()
    const key = keyOfObject(kind, namespace, name)
    for (;;) {
      const entry = await kv.get(key)
      if (entry?.operation !== 'PUT') return
      const whole = Whole.safeParse(entry.json()).data
      // One that was made anew under the name is another one.
      if (whole && whole.metadata.uid !== uid) return
      const gone = await orOvertaken(kv.delete(key, { previousSeq: entry.revision }).then(() => true))
      if (!gone) continue
      if (whole && mayOwn(whole)) for (const owned of ownedBy(uid, await look())) await remove(owned)
      return
    }
  }
}

/** The objects that this one owns. */
export const ownedBy = (uid: string, lying: ReadonlyMap<string, Lying>): Whole[] =>
  [...lying.values()].flatMap(({ whole }) =>
    whole?.metadata.ownerReferences.some(owner => owner.uid === uid) ? [whole] : [],
  )

/** Of ours, schedules own their runs, and PipelineRuns their TaskRuns. */
const mayOwn = ({ kind, spec }: Whole) => kind === 'PipelineRun' || spec.crontab !== undefined
