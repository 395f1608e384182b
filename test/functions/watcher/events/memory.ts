import type { Bucket } from '../../../../shared/adapters/kv.ts'

/** A bucket in memory, with the revisions of a real one; it throws while it is `away`. */
export function memoryBucket() {
  const entries = new Map<string, { value: string; revision: number }>()
  let revisions = 0
  const state = { away: false, puts: 0 }
  const bucket: Bucket = {
    async get(key) {
      if (state.away) throw new Error('NATS is away')
      return entries.get(key) ?? { value: undefined, revision: 0 }
    },
    async put(key, value, revision) {
      if (state.away) throw new Error('NATS is away')
      if (revision !== undefined && revision !== (entries.get(key)?.revision ?? 0))
        throw new Error('wrong last sequence')
      state.puts++
      entries.set(key, { value, revision: ++revisions })
    },
  }
  return { bucket, entries, state }
}
