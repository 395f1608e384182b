import type { Objects, Stored } from '../../../shared/objects.ts'
import type { Kind } from '../../../shared/resources.ts'

/** The very object that an order is about; undefined when it is gone, or another one has its name by now. */
export async function find<K extends Kind>(
  order: { kind: K; namespace: string; name: string; uid: string },
  { objects }: { objects: Pick<Objects, 'get'> },
): Promise<Stored<K> | undefined> {
  const { kind, namespace, name, uid } = order
  const found = await objects.get(kind, namespace, name)
  return found?.metadata.uid === uid ? found : undefined
}

/** Milliseconds since it was made. */
export const ageOf = ({ metadata }: Pick<Stored<Kind>, 'metadata'>, now: Date): number =>
  now.getTime() - Date.parse(metadata.creationTimestamp)
