import { hash } from 'node:crypto'
import { type Message, PublishError } from '../../../shared/adapters/publisher.ts'
import type { Change, ClusterObject } from '../../../shared/changes.ts'
import type { Classify } from '../../../shared/classify.ts'
import { described } from '../../../shared/described.ts'
import { eventMessage } from '../../../shared/event-message.ts'
import { type Log, messageOf } from '../../../shared/log.ts'
import { resources } from '../../../shared/resources.ts'
import { token } from '../../../shared/subject.ts'
import { isNewer } from '../events/place.ts'
import { statusWrittenAt } from './object.ts'
import { deletedEvent, isTold, statusEvent, type ToldKind } from './status-event.ts'

/** A place where replicas remember, that survives a restart. */
export type Memory = {
  get(key: string): Promise<{ value: string | undefined }>
  put(key: string, value: string): Promise<void>
}

export type TellWorld = {
  cluster: string
  classify?: Classify | undefined
  /** @throws PublishError */
  publish(message: Message): Promise<unknown>
  /** Which version of an object was told last; may forget after a day. */
  told: Memory
  /** Until when the objects of a kind were seen. */
  reached: Memory
  /** Unix ms. */
  wall(): number
  /** @throws Error when all this is to stop */
  sleep(ms: number): Promise<void>
  log: Log
}

/** At the very first start only what was written this recently is news. */
const recent = 120_000
const reachEvery = 10_000
/** The API server writes whole seconds, by a clock of its own. */
const inaccuracy = 10_000

/**
 * Publishes the changes of the status of one kind's objects, in order, each until the bus holds it, and remembers it
 * then: what changed while nobody watched is told later, and what was told is not told again.
 */
export async function tellStatuses(
  world: TellWorld,
  kind: ToldKind,
  changes: AsyncIterable<Change>,
): Promise<void> {
  const prefix = `status.${token(world.cluster)}.${resources[kind].plural}`
  const known = new Map<string, string>()
  let since: number | undefined
  let reached = 0
  const about = () => ({ cluster: world.cluster, now: world.wall() })

  for await (const change of changes) {
    switch (change.kind) {
      case 'all': {
        since ??= Number((await surely(() => world.reached.get(prefix))).value ?? world.wall() - recent)
        const ids = new Set(change.objects.map(({ id }) => id))
        for (const id of known.keys()) if (!ids.has(id)) known.delete(id)
        for (const object of change.objects) await take(object, since)
        since = 0
        break
      }
      case 'put':
        await take(change.object, 0)
        break
      case 'gone':
        known.delete(change.object.id)
        await publish(deletedEvent(kind, change.object, about()))
        break
      case 'still':
        break
      case 'unknown':
        continue
    }
    await reach()
  }

  /** Tells a status that is another one than before; of an object seen for the first time, if written after `after`. */
  async function take(object: ClusterObject, after: number): Promise<void> {
    const { id, status } = object
    const { uid, resourceVersion } = object.metadata
    const digest = hash('sha256', JSON.stringify([uid, status])).slice(0, 16)
    const before = known.get(id)
    known.set(id, digest)
    if (before === digest || !isTold(object)) return
    if (before === undefined && (statusWrittenAt(object) ?? Infinity) < after - inaccuracy) return
    const key = `${prefix}.${id.replace('/', '.')}`
    const [ofUid, version = '', told] = (await surely(() => world.told.get(key))).value?.split(' ') ?? []
    // A twin has told of it, or is further already.
    if (ofUid === uid && (told === digest || !isNewer(resourceVersion, version))) return
    await publish(statusEvent(kind, object, about()))
    await surely(() => world.told.put(key, `${uid} ${resourceVersion} ${digest}`))
  }

  async function publish(event: ReturnType<typeof deletedEvent>): Promise<void> {
    if (!event) return
    const message = eventMessage(described(event, world.classify))
    const { subject } = message
    await surely(async () => {
      try {
        await world.publish(message)
      } catch (error) {
        if (!(error instanceof PublishError) || error.kind !== 'refused') throw error
        world.log.error({ subject, err: messageOf(error) }, 'The bus refuses a status event')
      }
    })
  }

  async function reach(): Promise<void> {
    const now = world.wall()
    if (now - reached < reachEvery) return
    reached = now
    await surely(() => world.reached.put(prefix, String(now)))
  }

  /** Until it is done, however long the bus is away. */
  async function surely<T>(work: () => Promise<T>): Promise<T> {
    for (let failing = ''; ; ) {
      try {
        return await work()
      } catch (error) {
        const why = messageOf(error)
        if (why !== failing) world.log.warn({ kind, err: why }, 'Cannot tell of a status yet, trying again')
        failing = why
        await world.sleep(500)
      }
    }
  }
}
