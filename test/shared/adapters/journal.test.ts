import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConsumerInfo, jetstream, jetstreamManager } from '@nats-io/jetstream'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startNats } from '../../../infra/local/servers.ts'
import { journalIn, type Kept } from '../../../shared/adapters/journal.ts'
import { openNats } from '../../../shared/adapters/nats.ts'
import { publisherOver } from '../../../shared/adapters/publisher.ts'
import { ensureStreams } from '../../../shared/adapters/streams.ts'
import type { Entry } from '../../../shared/ledger.ts'
import { quiet as log } from '../../quiet.ts'
import { natsVersions, ownNats } from '../../servers.ts'

const entry = (received: number): Entry => ({ at: 1, received, patterns: {}, hooks: {}, places: {} })

const places = (entries: Kept[]) => entries.map(({ seq }) => seq)
async function all(entries: AsyncIterable<Kept>): Promise<Kept[]> {
  const read: Kept[] = []
  for await (const kept of entries) read.push(kept)
  return read
}
/** From one place to another, both included. */
const span = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)

describe.each(natsVersions)('the journal, on NATS %s', async version => {
  const server = await ownNats(version)
  const nats = openNats(server.url, 'journal-test', log)
  const publisher = publisherOver(nats)
  const journal = journalIn(nats, publisher.publish, randomUUID)
  beforeAll(async () => ensureStreams(await nats.opened, 1, log))
  afterAll(() => nats.close())
  const read = (after: number, trigger?: string) => all(journal.read(after, trigger))

  it('takes an entry behind the one that was the last of its trigger, and no other', async () => {
    expect(await journal.last('a')).toBe(0)
    expect(await journal.append('a', entry(1), 0)).toBe(1)
    expect(await journal.append('b', entry(2), 0)).toBe(2)
    expect(await journal.append('a', entry(3), 0)).toBeUndefined()
    expect(await journal.append('a', entry(4), 1)).toBe(3)
    expect([await journal.last('a'), await journal.last('b')]).toEqual([3, 2])
  })

  it('is read from any place, of one trigger or of all', async () => {
    expect(await read(0, 'b')).toEqual([{ seq: 2, entry: entry(2) }])
    expect(places(await read(1))).toEqual([2, 3])
    expect(places(await read(1, 'a'))).toEqual([3])
    expect(await read(3)).toEqual([])
    expect(await journal.state()).toMatchObject({ first: 1, last: 3 })
  })

  it('takes what is no entry for one that says nothing', async () => {
    await publisher.publish({ subject: 'journal.c', payload: '{"received":-1}', id: randomUUID() })
    expect(await read(3)).toEqual([{ seq: 4, entry: { ...entry(0), at: 0 } }])
  })

  it('forgets what is before a place, and goes on behind', async () => {
    await journal.forget(4)
    expect(places(await read(0))).toEqual([4])
    expect(await journal.last('a')).toBe(0)
    expect(await journal.append('a', entry(5), 0)).toBe(5)
    const { config } = await (await jetstreamManager(await nats.opened)).streams.info('journal')
    expect(config).toMatchObject({ retention: 'limits', subjects: ['journal.>'] })
  })
  it('is read whole where it is long, whatever is written and forgotten meanwhile', async () => {
    await write(6, 1_200)
    expect(places(await read(0))).toEqual(span(4, 1_200))
    expect((await read(0, 'b')).at(-1)).toEqual({ seq: 1_200, entry: entry(1_200) })
    expect(places(await read(0, 'b'))).toEqual(span(6, 1_200).filter(seq => seq % 3 === 0))
    const seen: Kept[] = []
    for await (const kept of journal.read(4)) {
      seen.push(kept)
      if (kept.seq === 100) await journal.forget(1_100)
      if (kept.seq === 1_150) await write(1_201, 1_300)
    }
    expect(seen.map(kept => kept.entry.received).slice(-3)).toEqual([1_298, 1_299, 1_300])
    expect(places(seen).filter(seq => seq >= 1_100)).toEqual(span(1_100, 1_300))
  })

  it('is read without a hole where some of it is lost on the way', async () => {
    await journal.forget(1_300)
    await write(1_301, 2_400)
    const seen: Kept[] = []
    for await (const kept of journal.read(1_300)) {
      seen.push(kept)
      if (kept.seq === 1_400) await takeOne()
    }
    expect(places(seen)).toEqual(span(1_301, 2_400))
    const jsm = await jetstreamManager(await nats.opened)
    expect(await jsm.consumers.list('journal').next()).toEqual([])
  })

  it('is read by who may have no consumer', async () => {
    const other = openNats(await whereNoConsumersAre(version), 'journal-test', log)
    onTestFinished(() => other.close())
    await ensureStreams(await other.opened, 1, log)
    const there = journalIn(other, publisherOver(other).publish, randomUUID)
    for (const seq of span(1, 30)) await there.append('a', entry(seq), seq - 1)
    expect(places(await all(there.read(0)))).toEqual(span(1, 30))
  }, 30_000)

  async function write(from: number, to: number): Promise<void> {
    const js = jetstream(await nats.opened)
    const subject = (seq: number) => `journal.${seq % 3 === 0 ? 'b' : 'a'}`
    await Promise.all(span(from, to).map(seq => js.publish(subject(seq), JSON.stringify(entry(seq)))))
  }

  /** Takes what the one consumer that there is would send next. */
  async function takeOne(): Promise<void> {
    const [consumer] = await (await jetstreamManager(await nats.opened)).consumers.list('journal').next()
    await jetstream(await nats.opened)
      .consumers.getConsumerFromInfo(consumer as ConsumerInfo)
      .next()
  }
})

/** A server whose only user may make no consumers. */
async function whereNoConsumersAre(version: (typeof natsVersions)[number]): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'ops-events-journal-'))
  const user = '{ user: u, password: p, permissions: { publish: { deny: "$JS.API.CONSUMER.>" } } }'
  writeFileSync(join(dir, 'users.conf'), `authorization { users: [${user}] }\n`)
  const server = await startNats({ dir, version, include: 'users.conf' })
  onTestFinished(async () => {
    await server.kill()
    rmSync(dir, { recursive: true })
  })
  return server.url.replace('//', '//u:p@')
}
