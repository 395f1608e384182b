import { z } from 'zod'
import type { Bucket } from '../../../shared/adapters/kv.ts'
import { type Log, messageOf } from '../../../shared/log.ts'
import { token } from '../../../shared/subject.ts'
import type { Before, Reached } from './timetable.ts'

/** What the watchers of a cluster remember together of what was given. */
export type RunMemory = {
  /** Tries until it can be read. */
  read(): Promise<Before>
  /** Until when everything was given, as it is known now. */
  given(): Promise<number | undefined>
  /** Writes it soon: news within a second, and that time went on every ten. */
  remember(reached: Reached): Promise<void>
  /** Writes what was remembered last. */
  flush(): Promise<void>
}

const Given = z.object({ given: z.number() })
const Edits = z.record(z.string(), z.object({ generation: z.number(), since: z.number() }))

const soon = 1_000
const idle = 10_000
const tryAgain = 500

/** In a bucket of KV, under two keys of the cluster, or of the only namespace of it that is looked at. */
export function memoryIn(
  bucket: Bucket,
  world: {
    cluster: string
    namespace?: string | undefined
    wall(): number
    sleep(ms: number): Promise<void>
    log: Log
  },
): RunMemory {
  const scope = [world.cluster, world.namespace ?? []].flat().map(token).join('.')
  const [key, editsKey] = [`runs.given.${scope}`, `runs.edits.${scope}`]
  let latest: Reached | undefined
  let written: { at: number; edits: string } = { at: 0, edits: '{}' }
  let writing: Promise<void> | undefined
  let asking: Promise<number | undefined> | undefined

  const readGiven = async () => readAs(Given, (await bucket.get(key)).value)?.given

  async function write({ given, edits, anew }: Reached): Promise<void> {
    const { value, revision } = await bucket.get(key)
    const before = readAs(Given, value)?.given
    // A twin may be further.
    if (anew || before === undefined || given > before)
      await bucket.put(key, JSON.stringify({ given }), revision)
    const specs = JSON.stringify(Object.fromEntries(edits))
    if (specs !== written.edits) await bucket.put(editsKey, specs)
    written = { ...written, edits: specs }
  }

  async function flush(): Promise<void> {
    const reached = latest
    if (!reached) return
    written.at = world.wall()
    latest = undefined
    try {
      await write(reached)
    } catch (error) {
      world.log.debug({ err: messageOf(error) }, 'Cannot write until when runs were ordered, trying again')
      latest = latest ? both(reached, latest) : reached
    }
  }

  return {
    async read() {
      for (;;) {
        try {
          const given = await readGiven()
          const edits = readAs(Edits, (await bucket.get(editsKey)).value) ?? {}
          return { given, edits: new Map(Object.entries(edits)) }
        } catch (error) {
          world.log.debug({ err: messageOf(error) }, 'Cannot read until when runs were ordered, trying again')
          await world.sleep(tryAgain)
        }
      }
    },
    async given() {
      // Thousands of schedules ask in the same moment.
      asking ??= readGiven().finally(() => {
        asking = undefined
      })
      return asking
    },
    async remember(reached) {
      latest = both(latest, reached)
      const waited = Math.abs(world.wall() - written.at)
      if (writing || waited < (latest.news || latest.anew ? soon : idle)) return
      writing = flush()
      await writing
      writing = undefined
    },
    async flush() {
      await writing
      await flush()
    },
  }
}

const both = (one: Reached | undefined, later: Reached): Reached => ({
  ...later,
  news: later.news || one?.news === true,
  anew: later.anew || one?.anew === true,
})

/** What somebody else wrote there, or a version to come, is as if it were missing. */
function readAs<T>(schema: z.ZodType<T>, text: string | undefined): T | undefined {
  try {
    return schema.parse(JSON.parse(text ?? ''))
  } catch {
    return undefined
  }
}
