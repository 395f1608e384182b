import { Pool as HttpPool } from 'undici'
import { z } from 'zod'
import { openStoring } from '../../../functions/event-store/open.ts'
import { patternTerms, patternVariables } from '../../../functions/event-store/patterns/terms.ts'
import { retentionOf } from '../../../functions/event-store/retention.ts'
import { classifierOf } from '../../../shared/classify.ts'
import { mediaTypes } from '../../../shared/cloudevents-http.ts'
import type { OpsEvent } from '../../../shared/event.ts'
import { log, type Stand, secrets } from '../stand.ts'

/** One way of storing events, in requests as the bridge makes them. */
export type Loader = {
  /** Gets ready to store these, and answers with what stores them, in seconds. */
  load(events: OpsEvent[]): () => Promise<number>
  close(): Promise<void>
}

// As the bridge's trigger has it.
const batch = 500
const concurrency = 2

/** Event-store's own code in this process. */
export function inProcess(stand: Stand, url: string): Loader {
  const { handle, close } = openStoring({
    ...{ url, retention: retentionOf(), classify: classifierOf(), log },
    publish: stand.publisher.publish,
    patterns: patternTerms(z.object(patternVariables).parse({})),
    now: () => new Date(),
  })
  return {
    load: events => () =>
      inTurn(batchesOf(events), async some => {
        const answered = await handle(some)
        const stored = Array.isArray(answered) && answered.every(({ kind }) => kind === 'done')
        if (!stored) throw new Error(`Not stored: ${JSON.stringify(answered).slice(0, 200)}`)
      }),
    close,
  }
}

/** Event-store as a process of its own, by its door. */
export async function throughDoor(stand: Stand, database: string): Promise<Loader> {
  const { url, child } = await stand.door('event-store', { DATABASE_URL: database })
  const pool = new HttpPool(url, { connections: concurrency })
  const headers = { authorization: `Bearer ${secrets.bridge}`, 'content-type': mediaTypes.batch }
  return {
    load(events) {
      const bodies = batchesOf(events).map(some => JSON.stringify(some))
      return () =>
        inTurn(bodies, async body => {
          const answered = await pool.request({ method: 'POST', path: '/', headers, body })
          const text = await answered.body.text()
          if (answered.statusCode !== 200 || /"status":(?!2)/.test(text))
            throw new Error(`Not stored: ${answered.statusCode} ${text.slice(0, 200)}`)
        })
    },
    async close() {
      await pool.close()
      await child.stop()
    },
  }
}

const batchesOf = (events: OpsEvent[]) =>
  Array.from({ length: Math.ceil(events.length / batch) }, (_, at) =>
    events.slice(at * batch, (at + 1) * batch),
  )

/** So many at once, each after the one before it; how many seconds that took. */
async function inTurn<T>(all: T[], store: (one: T) => Promise<void>): Promise<number> {
  const since = performance.now()
  const left = all.values()
  const worker = async () => {
    for (const one of left) await store(one)
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  return (performance.now() - since) / 1_000
}
