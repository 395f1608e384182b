import { z } from 'zod'
import type { Bucket } from '../../../shared/adapters/kv.ts'
import { type Log, messageOf } from '../../../shared/log.ts'
import { isNewer, type Place } from './place.ts'

/** The place up to which everything is on the bus, common to all replicas of a cluster's watcher. */
export type Checkpoint = {
  read(): Promise<Place | undefined>
  /** Remembers a place, soon. It only ever goes forward, unless the cluster counts `anew`. */
  reach(place: Place, anew: boolean): void
  /** Tries once to write what is not written yet. */
  flush(): Promise<void>
}

const Stored = z.object({ resourceVersion: z.string(), time: z.number() })
/** Of a version that is there already only the time is written, and that not more often. */
const sameAgain = 60_000

/** Under one key of a bucket; the first write of a busy time at once, the next ones `every` ms. */
export function checkpointIn(bucket: Bucket, key: string, log: Log, every = 200): Checkpoint {
  let wanted: Place | undefined
  let forced = false
  let writing: Promise<void> | undefined

  async function write(): Promise<void> {
    const place = wanted
    const force = forced
    wanted = undefined
    forced = false
    if (!place) return
    try {
      const { value, revision } = await bucket.get(key)
      // A twin may be further: to go back would make the next start repeat what it did.
      if (value !== undefined && !force && !isFurther(place, parse(value))) return
      await bucket.put(key, JSON.stringify(place), revision)
    } catch (error) {
      log.debug({ err: messageOf(error) }, 'The checkpoint is not written, trying again')
      wanted ??= place
      forced ||= force
    }
  }

  function schedule(): void {
    writing ??= write().then(() => {
      setTimeout(() => {
        writing = undefined
        if (wanted) schedule()
      }, every).unref()
    })
  }

  return {
    async read() {
      const { value } = await bucket.get(key)
      return value === undefined ? undefined : parse(value)
    },
    reach(place, anew) {
      wanted = place
      forced ||= anew
      schedule()
    },
    async flush() {
      await writing
      await write()
    },
  }
}

const parse = (text: string): Place => Stored.parse(JSON.parse(text))

const isFurther = (one: Place, other: Place): boolean =>
  isNewer(one.resourceVersion, other.resourceVersion) ||
  (one.resourceVersion === other.resourceVersion && one.time - other.time >= sameAgain)
