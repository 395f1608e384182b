import { randomUUID } from 'node:crypto'
import { jetstreamManager } from '@nats-io/jetstream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { journalIn } from '../../../shared/adapters/journal.ts'
import { openNats } from '../../../shared/adapters/nats.ts'
import { publisherOver } from '../../../shared/adapters/publisher.ts'
import { ensureStreams } from '../../../shared/adapters/streams.ts'
import type { Entry } from '../../../shared/ledger.ts'
import { natsVersions, ownNats } from '../../servers.ts'

const log = { debug() {}, info() {}, warn() {}, error() {} }
const entry = (received: number): Entry => ({ at: 1, received, patterns: {}, hooks: {}, places: {} })

describe.each(natsVersions)('the journal, on NATS %s', async version => {
  const server = await ownNats(version)
  const nats = openNats(server.url, 'journal-test', log)
  const publisher = publisherOver(nats)
  const journal = journalIn(nats, publisher.publish, randomUUID)
  beforeAll(async () => ensureStreams(await nats.opened, 1, log))
  afterAll(() => nats.close())

  it('takes an entry behind the one that was the last of its trigger, and no other', async () => {
    expect(await journal.last('a')).toBe(0)
    expect(await journal.append('a', entry(1), 0)).toBe(1)
    expect(await journal.append('b', entry(2), 0)).toBe(2)
    expect(await journal.append('a', entry(3), 0)).toBeUndefined()
    expect(await journal.append('a', entry(4), 1)).toBe(3)
    expect([await journal.last('a'), await journal.last('b')]).toEqual([3, 2])
  })

  it('is read from any place, of one trigger or of all', async () => {
    expect(await journal.next(0, 'b')).toEqual({ seq: 2, entry: entry(2) })
    expect((await journal.next(1))?.seq).toBe(2)
    expect((await journal.next(1, 'a'))?.seq).toBe(3)
    expect(await journal.next(3)).toBeUndefined()
    expect(await journal.state()).toMatchObject({ first: 1, last: 3 })
  })

  it('takes what is no entry for one that says nothing', async () => {
    await publisher.publish({ subject: 'journal.c', payload: '{"received":-1}', id: randomUUID() })
    expect(await journal.next(3)).toEqual({ seq: 4, entry: { ...entry(0), at: 0 } })
  })

  it('forgets what is before a place, and goes on behind', async () => {
    await journal.forget(4)
    expect((await journal.next(0))?.seq).toBe(4)
    expect(await journal.last('a')).toBe(0)
    expect(await journal.append('a', entry(5), 0)).toBe(5)
    const { config } = await (await jetstreamManager(await nats.opened)).streams.info('journal')
    expect(config).toMatchObject({ retention: 'limits', subjects: ['journal.>'] })
  })
})
