import type { Bucket } from '../../../shared/adapters/kv.ts'
import { isNewer } from './place.ts'

/** One version of an event object. */
export type Version = {
  uid: string
  version: string
  /** How often it has happened by now. */
  count: number
  /** How often at its earlier version, where nobody remembers that one. */
  otherwise: number
}

/** How often event objects had happened before, common to all replicas. */
export type Occurrences = {
  /** How many of its `count` are new; asked again about the same version it says the same. @throws Error while the bus is away */
  of(version: Version): Promise<number>
  /** Remembers it where it will be asked after, once the bus has it. @throws Error while the bus is away */
  remember(version: Pick<Version, 'uid' | 'version' | 'count'>): Promise<void>
}

type Seen = { version: string; count: number; before: number }

const mostHere = 10_000

/** Counts of the latest objects lie here, those of objects that happened again in the bucket too. */
export function occurrencesIn(bucket: Bucket): Occurrences {
  const latest = new Map<string, Seen>()

  function keep(uid: string, seen: Seen): void {
    latest.delete(uid)
    latest.set(uid, seen)
    const [oldest] = latest.keys()
    if (latest.size > mostHere && oldest !== undefined) latest.delete(oldest)
  }

  async function recall({ uid, count }: Version): Promise<Seen | undefined> {
    // What has happened once has no count from before: nobody need ask the bucket.
    return latest.get(uid) ?? (count > 1 ? read((await bucket.get(uid)).value) : undefined)
  }

  return {
    async of(asked) {
      const { uid, version, count, otherwise } = asked
      const seen = await recall(asked)
      if (seen?.version === version) return count - seen.before
      // A twin is ahead and has told of this one.
      if (seen && !isNewer(version, seen.version)) return 1
      const known = seen?.count ?? otherwise
      const before = known > count ? 0 : known
      keep(uid, { version, count, before })
      return count - before
    },
    async remember({ uid, version, count }) {
      const seen = latest.get(uid)
      // Of a later version the count follows in a moment.
      if (count < 2 || (seen && seen.version !== version)) return
      await bucket.put(uid, `${version} ${count} ${seen?.before ?? count}`)
    },
  }
}

function read(text: string | undefined): Seen | undefined {
  const [version, count, before] = text?.split(' ') ?? []
  return version === undefined ? undefined : { version, count: Number(count), before: Number(before) }
}
