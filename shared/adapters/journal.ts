import type { JetStreamManager } from '@nats-io/jetstream'
import { jsonAs } from '../json.ts'
import { Entry } from '../ledger.ts'
import { surelyMade } from './half-made.ts'
import { inBatches } from './in-batches.ts'
import { managerOf } from './jetstream.ts'
import { connectionNow, type Nats } from './nats.ts'
import { PublishError, type Publisher } from './publisher.ts'

/** An entry of the journal at its place. */
export type Kept = { seq: number; entry: Entry }

/** What replicas count is written here first, under the name of its trigger: see infra/decisions/0009. */
export type Journal = {
  /**
   * Writes an entry behind the `last` of its trigger, and resolves with its place; undefined where another one is the
   * last by now. @throws PublishError
   */
  append(trigger: string, entry: Entry, last: number): Promise<number | undefined>
  /** All entries behind a place, of one trigger or of any, up to the last that there is when it comes there. */
  read(after: number, trigger?: string): AsyncIterable<Kept>
  /** The place of a trigger's last entry, 0 where there is none. */
  last(trigger: string): Promise<number>
  /** When it was made, and the places of its first and last entry. */
  state(): Promise<{ made: string; first: number; last: number }>
  /** Forgets what is before this place. */
  forget(before: number): Promise<void>
}

const stream = 'journal'
/** So many are asked for singly: a consumer costs the server as much as some of them. */
const few = 8

/** The journal in NATS. What it is asked while NATS is away throws. */
export function journalIn(nats: Nats, publish: Publisher['publish'], newId: () => string): Journal {
  let opened: JetStreamManager | undefined

  async function open(): Promise<JetStreamManager> {
    const nc = connectionNow(nats)
    if (opened) return opened
    const jsm = await managerOf(nc)
    await surelyMade(nc, jsm, stream)
    opened = jsm
    return opened
  }

  async function next(after: number, pattern: string): Promise<Kept | undefined> {
    const jsm = await open()
    // The server knows it longer than the client's types do.
    const query = { seq: after + 1, next_by_subj: pattern }
    const message = await jsm.streams.getMessage(stream, query)
    return message ? { seq: message.seq, entry: entryIn(message.string()) } : undefined
  }

  async function* many(after: number, pattern: string): AsyncGenerator<Kept> {
    for await (const message of inBatches(connectionNow(nats), stream, { after, pattern }))
      yield { seq: message.seq, entry: entryIn(message.string()) }
  }

  return {
    async append(trigger, entry, last) {
      try {
        const { seq } = await publish({
          subject: `${stream}.${trigger}`,
          payload: JSON.stringify(entry),
          id: newId(),
          headers: { 'Nats-Expected-Last-Subject-Sequence': String(last) },
        })
        return seq
      } catch (error) {
        if (error instanceof PublishError && /wrong last sequence/i.test(error.message)) return undefined
        throw error
      }
    },
    async *read(after, trigger) {
      const pattern = `${stream}.${trigger ?? '>'}`
      let at = after
      for (let atOnce = true; ; ) {
        for (let one = 0; one < few; one++) {
          // That there is no other is for the stream itself to say.
          const kept = await next(at, pattern)
          if (!kept) return
          at = kept.seq
          yield kept
        }
        if (!atOnce) continue
        try {
          for await (const kept of many(at, pattern)) {
            at = kept.seq
            yield kept
          }
        } catch {
          // NATS is away, as the next one shows; or our rights there are of a version that needed no consumer here.
          atOnce = false
        }
      }
    },
    async last(trigger) {
      const jsm = await open()
      return (await jsm.streams.getMessage(stream, { last_by_subj: `${stream}.${trigger}` }))?.seq ?? 0
    },
    async state() {
      const { created, state } = await (await open()).streams.info(stream)
      return { made: String(created), first: state.first_seq, last: state.last_seq }
    },
    async forget(before) {
      await (await open()).streams.purge(stream, { seq: before })
    },
  }
}

// What nobody of ours wrote counts for nothing.
const entryIn = (text: string): Entry =>
  jsonAs(Entry, text) ?? { at: 0, received: 0, patterns: {}, hooks: {}, places: {} }
