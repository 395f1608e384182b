import { type Log, messageOf } from '../../shared/log.ts'
import type { Secret } from '../../shared/secret.ts'
import type { Want } from './compile.ts'
import type { SecretOf } from './secret-ref.ts'

export type SecretsWorld = {
  /** Reads some keys of a Secret by its id; those that it does not have are left out. @throws Error when nobody answers */
  read(id: string, keys: string[]): Promise<Secret>
  /** Another value than before is known of some Secret. */
  changed(): void
  /** Unix ms. */
  wall(): number
  log: Log
}

/** The Secrets that hooks refer to. */
export type Secrets = {
  of: SecretOf
  /** What is wanted from now on, and nothing else: what is new, or of a hook that has changed, is read at once. */
  want(wanted: Want[]): void
  stop(): void
}

type Known = {
  keys: Set<string>
  /** By hook, how it was written when it last wanted this. */
  hooks: Map<string, string>
  /** What was read, with which keys, and what it comes to. */
  read: { secret: Secret; keys: ReadonlySet<string>; text: string } | undefined
  failing: string
}

const atOnce = 8
/** Many are often read at once: what they change is compiled together. */
const gather = 100

/**
 * Reads each Secret once however many hooks refer to it, and again every `every` ms: when the clock says so, and not
 * since it started, so that replicas see another value at the same time and none of them puts the old one back.
 */
export function secretKeeper(world: SecretsWorld, { every = 60_000 } = {}): Secrets {
  const secrets = new Map<string, Known>()
  const queue = new Set<string>()
  const reading = new Set<string>()
  let telling: NodeJS.Timeout | undefined
  let stopped = false
  let timer = setTimeout(again, untilNext())

  function again(): void {
    timer = setTimeout(again, untilNext())
    look(secrets.keys())
  }

  function untilNext(): number {
    return every - (world.wall() % every)
  }

  function look(ids: Iterable<string>): void {
    for (const id of ids) queue.add(id)
    for (const id of queue) {
      if (stopped || reading.size >= atOnce) return
      if (reading.has(id)) continue
      queue.delete(id)
      reading.add(id)
      void read(id).finally(() => {
        reading.delete(id)
        look([])
      })
    }
  }

  async function read(id: string): Promise<void> {
    const known = secrets.get(id)
    if (!known) return
    const keys = new Set(known.keys)
    const secret = await world.read(id, [...keys]).then(
      answer => {
        known.failing = ''
        return answer
      },
      error => failed(id, known, messageOf(error)),
    )
    if (!secret || secrets.get(id) !== known || stopped) return
    const text = JSON.stringify('values' in secret ? [...secret.values].sort() : secret)
    const isNew = text !== known.read?.text || [...keys].some(key => !known.read?.keys.has(key))
    known.read = { secret, keys, text }
    if (isNew) telling ??= setTimeout(tell, gather)
  }

  /** What was read before stays as long as nobody answers. */
  function failed(id: string, known: Known, why: string): Secret | undefined {
    if (why !== known.failing) world.log.warn({ secret: id, err: why }, 'Cannot read a Secret, trying again')
    known.failing = why
    if (known.read) return undefined
    return { reason: 'SecretUnreadable', problem: `Secret "${id}" cannot be read yet: ${why}` }
  }

  function tell(): void {
    telling = undefined
    world.changed()
  }

  return {
    of(id, keys) {
      const read = secrets.get(id)?.read
      return read && keys.every(key => read.keys.has(key)) ? read.secret : undefined
    },
    want(wanted) {
      const due = new Set<string>()
      const hooks = new Map<string, Map<string, string>>()
      for (const { id, keys, hook, spec } of wanted) {
        const known = secrets.get(id) ?? { keys: new Set(), hooks: new Map(), read: undefined, failing: '' }
        secrets.set(id, known)
        if (known.hooks.get(hook) !== spec) due.add(id)
        for (const key of keys) known.keys.add(key)
        hooks.set(id, (hooks.get(id) ?? new Map<string, string>()).set(hook, spec))
      }
      for (const [id, known] of secrets) {
        known.hooks = hooks.get(id) ?? new Map()
        if (known.hooks.size === 0) secrets.delete(id)
      }
      look(due)
    },
    stop() {
      stopped = true
      clearTimeout(timer)
      clearTimeout(telling)
    },
  }
}
