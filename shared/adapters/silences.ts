import type { KV } from '@nats-io/kv'
import { type Log, messageOf } from '../log.ts'
import { type Silence, storedSilence } from '../silence.ts'
import { buckets } from '../streams.ts'
import { keysOf, openBucket } from './kv.ts'
import { connectionOf, type Nats } from './nats.ts'

/** Reads the silences. */
export type SilenceReader = {
  /**
   * All there are, in order of their keys, whether in force or not; asked for at most once a second, and the same
   * objects as long as nothing changes. Those last known while the bus is away, and none where none were: better told
   * than silenced by mistake.
   */
  current(): Promise<Silence[]>
}

export function silenceReader(
  nats: Nats,
  log: Log,
  now: () => number = () => performance.now(),
): SilenceReader {
  let known: Silence[] = []
  let state = ''
  let asked = Number.NEGATIVE_INFINITY
  let asking: Promise<Silence[]> | undefined
  let failing = ''

  async function ask(): Promise<Silence[]> {
    try {
      const kv = await open(nats)
      const { streamInfo } = await kv.status()
      // The last number goes up with every change; with another time of creation it is another bucket.
      const latest = `${streamInfo.created} ${streamInfo.state.last_seq}`
      if (latest !== state) known = streamInfo.state.messages === 0 ? [] : await load(kv, log)
      state = latest
      failing = ''
    } catch (error) {
      const why = messageOf(error)
      if (why !== failing) log.warn({ err: why }, 'Cannot ask for silences, going on with those in hand')
      failing = why
    }
    asked = now()
    return known
  }

  return {
    current() {
      if (now() - asked < 1_000) return Promise.resolve(known)
      asking ??= ask().finally(() => {
        asking = undefined
      })
      return asking
    },
  }
}

/** The silences of resources, as they lie there. @throws Error while NATS is away */
export const resourceSilences = async (nats: Nats, log: Log): Promise<Silence[]> =>
  load(await open(nats), log, ofResources)

/** Makes the silences of resources just these. Those of other keys are not touched. @throws Error while NATS is away */
export async function putSilences(nats: Nats, silences: Silence[]): Promise<void> {
  const kv = await open(nats)
  const wanted = new Map(
    silences.map(({ namespace, name, spec }) => [
      `${ofResources}${namespace}.${name}`,
      JSON.stringify({ namespace, name, spec }),
    ]),
  )
  for (const [key, text] of wanted) if ((await kv.get(key))?.string() !== text) await kv.put(key, text)
  for (const key of await keysOf(kv))
    if (key.startsWith(ofResources) && !wanted.has(key)) await kv.delete(key)
}

const ofResources = 'resource.'

async function load(kv: KV, log: Log, prefix = ''): Promise<Silence[]> {
  const keys = (await keysOf(kv)).filter(key => key.startsWith(prefix))
  const read = await Promise.all(keys.map(async key => silenceIn(key, await kv.get(key), log)))
  return read.flatMap(one => one ?? [])
}

function silenceIn(key: string, entry: Awaited<ReturnType<KV['get']>>, log: Log): Silence | undefined {
  // Taken away in this moment.
  if (entry?.operation !== 'PUT') return undefined
  const read = storedSilence(entry.string())
  if ('silence' in read) return read.silence
  const { path, problem } = read
  log.warn({ key, field: path.join('.'), problem }, 'A silence is not as it should be and is left out')
  return undefined
}

const open = async (nats: Nats): Promise<KV> => openBucket(await connectionOf(nats), buckets.silences)
