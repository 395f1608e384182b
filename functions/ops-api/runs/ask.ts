import { KubernetesError } from '../../../shared/adapters/kubernetes.ts'
import { type Log, messageOf } from '../../../shared/log.ts'
import { type Objects, RefusedObject, UnreadableObject } from '../../../shared/objects.ts'
import { type Refusal, retryAfter } from '../../../shared/refusal.ts'

/** Where runs are. */
export type Holder = { objects(): Promise<Objects>; log: Log }

/** What comes of asking for objects, or why that cannot be answered. */
export async function asked<T>(
  { objects, log }: Holder,
  ask: (objects: Objects) => Promise<T>,
): Promise<T | Refusal> {
  try {
    return await ask(await objects())
  } catch (error) {
    const message = messageOf(error)
    if (error instanceof RefusedObject) return { status: 422, message }
    if (error instanceof UnreadableObject) return { status: 500, message }
    log.error({ err: message }, 'Cannot ask for objects')
    const { after = 1_000 } = error instanceof KubernetesError ? error : {}
    const said =
      error instanceof KubernetesError
        ? `The API server of the cluster says: ${message}`
        : 'What holds the objects cannot be asked, the log says why: try again later'
    return { status: 503, message: said, head: retryAfter(after) }
  }
}
