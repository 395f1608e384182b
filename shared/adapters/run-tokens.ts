import type { KvEntry } from '@nats-io/kv'
import { jsonAs } from '../json.ts'
import { RunToken, type RunTokens } from '../run-tokens.ts'
import { buckets } from '../streams.ts'
import { bucketOpener, orOvertaken } from './kv.ts'
import { connectionOf, type Nats } from './nats.ts'
import { runTokenFinder } from './run-token-finder.ts'

/** Beyond that many of one run the oldest are forgotten. */
const mostFormer = 8
const mostTurns = 20

/** The tokens of runs in KV, whose entries lapse: nobody has to drop what a crash left there. */
export function runTokensIn(nats: Nats): RunTokens {
  const open = bucketOpener(() => connectionOf(nats), buckets.runTokens)

  return {
    async keep(token) {
      const kv = await open()
      // Most runs never had one: what there is is looked for where the server says so.
      let entry: KvEntry | null = null
      for (let turn = 1; turn <= mostTurns; turn++) {
        const text = JSON.stringify(withFormer(token, readable(entry)))
        const revision = entry?.revision ?? 0
        const written = await orOvertaken(kv.put(token.uid, text, { previousSeq: revision }))
        if (written !== undefined) return
        entry = await kv.get(token.uid)
      }
      throw new Error(`Cannot keep the token of run "${token.namespace}/${token.name}": others keep theirs`)
    },
    find: runTokenFinder(nats),
    async drop(uid) {
      await (await open()).delete(uid)
    },
  }
}

const readable = (entry: KvEntry | null): RunToken | undefined =>
  entry?.operation === 'PUT' ? jsonAs(RunToken, entry.string()) : undefined

function withFormer(token: RunToken, before: RunToken | undefined): RunToken {
  const digests = [...(before ? [before.sha256] : []), ...(before?.former ?? []), ...(token.former ?? [])]
  const former = [...new Set(digests)].filter(digest => digest !== token.sha256).slice(0, mostFormer)
  return former.length === 0 ? token : { ...token, former }
}
