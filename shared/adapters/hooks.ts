import { createHash } from 'node:crypto'
import type { KV } from '@nats-io/kv'
import { z } from 'zod'
import { type CompiledHook, compiledShape, HookSet } from '../hookset.ts'
import { type Log, messageOf } from '../log.ts'
import { buckets } from '../streams.ts'
import { openBucket } from './kv.ts'
import { connectionOf, type Nats } from './nats.ts'
import type { Redis } from './redis.ts'

// In KV the set lies in parts below NATS' payload limit, named for what they hold, and one small key says which parts
// make up the set in force. Redis holds the parts of whole sets by revision, so that nothing in it can be out of date; and
// since the manifest names parts for what they hold, nothing that somebody else has written there is taken for them.
const manifestKey = 'current'
const partBytes = 512 * 1024
const cacheSeconds = 24 * 3600
const Manifest = z.object({ revision: z.string(), parts: z.array(z.string()), before: z.array(z.string()) })
type Manifest = z.infer<typeof Manifest>
const cacheKey = (revision: string) => `ops-events:hooks:${compiledShape}:${revision}`
// Is the set cached? Asking for this costs nothing; the set itself may have megabytes.
const markKey = (revision: string) => `${cacheKey(revision)}:cached`

/** The revision of a set: the same hooks have the same one. */
export const revisionOf = (hooks: CompiledHook[]) =>
  sha(JSON.stringify(hooks.map(hook => [hook.id, hook.revision]))).slice(0, 16)

const sha = (text: string) => createHash('sha256').update(text).digest('hex')

/**
 * Puts a set in force: parts first, then the key that names them, then the cache. Again for one that is: costs little.
 * Resolves with the revision of the set that was in force, where that was another one.
 */
export async function publishHooks(
  nats: Nats,
  redis: Redis,
  set: HookSet,
  log: Log,
): Promise<string | undefined> {
  const kv = await open(nats)
  const present = await manifestOf(kv)
  const isInForce = present?.revision === set.revision
  if (isInForce && (await redis.has([markKey(set.revision)]))[0]) return undefined
  const parts = partsOf(set.hooks)
  if (!isInForce) {
    for (const [key, text] of parts) if (!present?.parts.includes(key)) await kv.put(key, text)
    // Who reads the set in force until now may be in the middle of it: its parts stay until the next change.
    const manifest: Manifest = {
      revision: set.revision,
      parts: [...parts.keys()],
      before: present?.parts ?? [],
    }
    await kv.put(manifestKey, JSON.stringify(manifest))
    const kept = new Set([...manifest.parts, ...manifest.before])
    for (const old of present?.before ?? []) if (!kept.has(old)) await kv.delete(old)
  }
  await cache(redis, set.revision, [...parts.values()], log)
  return isInForce ? undefined : present?.revision
}

/** Reads the set in force. */
export type HookReader = {
  /**
   * The set in force, asked for at most once a second; the one in hand where the bus is away for a moment.
   * @throws Error when there is none to be had
   */
  current(): Promise<HookSet>
}

export function hookReader(
  nats: Nats,
  redis: Pick<Redis, 'get' | 'put'>,
  log: Log,
  now: () => number = () => performance.now(),
): HookReader {
  let known: HookSet | undefined
  let asked = Number.NEGATIVE_INFINITY
  let asking: Promise<HookSet> | undefined

  async function ask(): Promise<HookSet> {
    try {
      const kv = await open(nats)
      const manifest = await manifestOf(kv)
      if (!manifest) throw new Error('No hooks are compiled yet: the watcher has not put any in force')
      if (manifest.revision !== known?.revision) known = await load(kv, manifest)
      asked = now()
      return known
    } catch (error) {
      if (!known) throw error
      log.warn(
        { err: messageOf(error), revision: known.revision },
        'Cannot ask for new hooks, going on with those in hand',
      )
      asked = now()
      return known
    }
  }

  async function load(kv: KV, manifest: Manifest): Promise<HookSet> {
    const { revision } = manifest
    const cached = hooksCached(await redis.get(cacheKey(revision)), manifest)
    if (cached) return { revision, hooks: cached }
    const texts = await textsOf(kv, manifest)
    const hooks = hooksIn(texts)
    await cache(redis, revision, texts, log)
    return { revision, hooks }
  }

  return {
    current() {
      if (known && now() - asked < 1000) return Promise.resolve(known)
      asking ??= ask().finally(() => {
        asking = undefined
      })
      return asking
    },
  }
}

/** Calls back with the set in force, at once where there is one and at every change, until `stop`. */
export async function watchHooks(nats: Nats, changed: (set: HookSet) => void, log: Log): Promise<() => void> {
  let revision = ''
  let stopped = false
  const look = async () => {
    try {
      const kv = await open(nats)
      const manifest = await manifestOf(kv)
      if (!manifest || manifest.revision === revision) return
      const set = { revision: manifest.revision, hooks: hooksIn(await textsOf(kv, manifest)) }
      revision = manifest.revision
      changed(set)
    } catch (error) {
      if (!stopped) log.warn({ err: messageOf(error) }, 'Cannot read the hooks in force')
    }
  }
  await look()
  // Asking once a second costs next to nothing and, unlike a watch, cannot go silent unnoticed.
  let timer = setTimeout(async function again() {
    await look()
    if (!stopped) timer = setTimeout(again, 1000)
  }, 1000)
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}

/** What is cached, where it is what the watcher put into KV in this shape: then it need not be looked at again. */
function hooksCached(text: string | undefined, manifest: Manifest): CompiledHook[] | undefined {
  const texts = text?.split('\n')
  if (texts?.length !== manifest.parts.length) return undefined
  if (texts.some((part, at) => partKey(part) !== manifest.parts[at])) return undefined
  return texts.flatMap(part => JSON.parse(part))
}

async function open(nats: Nats): Promise<KV> {
  return openBucket(await connectionOf(nats), buckets.hooks)
}

async function manifestOf(kv: KV): Promise<Manifest | undefined> {
  const entry = await kv.get(manifestKey)
  return entry && entry.length > 0 ? Manifest.parse(entry.json()) : undefined
}

async function textsOf(kv: KV, manifest: Manifest): Promise<string[]> {
  return Promise.all(
    manifest.parts.map(async key => {
      const entry = await kv.get(key)
      if (!entry) throw new Error(`Part "${key}" of hook revision ${manifest.revision} is missing`)
      return entry.string()
    }),
  )
}

const hooksIn = (texts: string[]): CompiledHook[] =>
  HookSet.shape.hooks.parse(texts.flatMap(text => JSON.parse(text)))

const partKey = (text: string) => `part.${sha(text).slice(0, 32)}`

/** Hooks as they lie in KV and in Redis: by the keys they have in KV. */
export function partsOf(hooks: CompiledHook[]): Map<string, string> {
  const parts = new Map<string, string>()
  let members: string[] = []
  let length = 0
  const flush = () => {
    const text = `[${members.join(',')}]`
    parts.set(partKey(text), text)
    members = []
    length = 0
  }
  for (const hook of hooks) {
    const text = JSON.stringify(hook)
    const bytes = Buffer.byteLength(text) + 1
    if (length + bytes > partBytes && members.length > 0) flush()
    members.push(text)
    length += bytes
  }
  if (members.length > 0) flush()
  return parts
}

async function cache(redis: Pick<Redis, 'put'>, revision: string, texts: string[], log: Log): Promise<void> {
  const entries: [string, string][] = [
    [cacheKey(revision), texts.join('\n')],
    [markKey(revision), '1'],
  ]
  const kept = await redis.put(entries, cacheSeconds)
  if (!kept) log.debug({ revision }, 'Redis is away: hooks are read from KV')
}
