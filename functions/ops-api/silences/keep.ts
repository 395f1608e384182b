import { type Ask, KubernetesError } from '../../../shared/adapters/kubernetes.ts'
import type { Kept, SilenceBook } from '../../../shared/adapters/silence-book.ts'
import { apiVersion } from '../../../shared/hook.ts'
import { isObject } from '../../../shared/json.ts'
import { type Log, messageOf } from '../../../shared/log.ts'
import { quoted, type Refusal, retryAfter } from '../../../shared/refusal.ts'
import { type Silence, stateOf } from '../../../shared/silence.ts'

/** Where silences are written: into their bucket, and with a cluster as resources through its API server. */
export type World = {
  book: SilenceBook
  /** Asks the API server, where there is a cluster. @throws KubernetesError */
  cluster?: ((ask: Ask) => Promise<unknown>) | undefined
  now(): number
  log: Log
}

type Written = { silence: Silence } | Refusal

/** Makes one that is not there yet. */
export async function make(silence: Silence, world: World): Promise<Written> {
  const { book, cluster } = world
  if (await book.get(silence.namespace, silence.name)) return taken(silence)
  if (!cluster) return (await book.put(silence)) ? { silence } : taken(silence)
  const { namespace, name, spec } = silence
  return asked(silence, world, () =>
    cluster({
      method: 'POST',
      path: pathOf(namespace),
      body: { apiVersion, kind: 'Silence', metadata: { namespace, name }, spec },
    }),
  )
}

/** Puts another spec in the place of the one it has. */
export async function change(kept: Kept, silence: Silence, world: World): Promise<Written> {
  const { book, cluster } = world
  if (kept.from === 'api') return (await book.put(silence, kept)) ? { silence } : overtaken(silence)
  if (!cluster) return ofResources(silence)
  const path = `${pathOf(silence.namespace)}/${silence.name}`
  return asked(silence, world, async () => {
    const object = await cluster({ path })
    if (!isObject(object)) throw new TypeError('The API server answered with no object')
    await cluster({ method: 'PUT', path, body: { ...object, spec: silence.spec } })
  })
}

/** Ends it now. One that never was in force, or is over, leaves nothing worth keeping and is taken away. */
export async function expire(kept: Kept, world: World): Promise<Written> {
  const { silence } = kept
  const now = world.now()
  if (stateOf(silence, now).state === 'active')
    return change(kept, { ...silence, spec: { ...silence.spec, until: new Date(now).toISOString() } }, world)
  if (kept.from === 'api') {
    await world.book.remove(kept)
    return { silence }
  }
  const { cluster } = world
  if (!cluster) return ofResources(silence)
  const path = `${pathOf(silence.namespace)}/${silence.name}`
  return asked(silence, world, () => cluster({ method: 'DELETE', path }))
}

const pathOf = (namespace: string) => `/apis/${apiVersion}/namespaces/${namespace}/silences`

async function asked(silence: Silence, { log }: World, ask: () => Promise<unknown>): Promise<Written> {
  try {
    await ask()
    return { silence }
  } catch (error) {
    if (!(error instanceof KubernetesError)) {
      log.error({ err: messageOf(error), silence: silence.id }, 'Cannot ask the API server')
      return unanswered
    }
    const { status, message, after = 1_000 } = error
    const isOurs = status >= 500 || status === 429 || status === 401
    return {
      status: isOurs ? 503 : status,
      message: `The API server did not take silence ${quoted(silence.id)}: ${message}`,
      ...(isOurs && { head: retryAfter(after) }),
    }
  }
}

const unanswered: Refusal = {
  status: 503,
  message: 'The API server of the cluster cannot be asked, the log says why: try again later',
  head: retryAfter(1_000),
}

const taken = ({ id }: Silence): Refusal => ({
  status: 409,
  message: `There is a silence ${quoted(id)} already: PUT changes it, and without "name" a new one gets its own`,
})
const overtaken = ({ id }: Silence): Refusal => ({
  status: 409,
  message: `Silence ${quoted(id)} was changed by somebody else in this moment: read it again`,
})
const ofResources = ({ id }: Silence): Refusal => ({
  status: 409,
  message: `Silence ${quoted(id)} comes from a file of resources: change it there`,
})
