import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bookIn, ledgerReader } from '../../../shared/adapters/ledger.ts'
import { openNats } from '../../../shared/adapters/nats.ts'
import { ensureStreams } from '../../../shared/adapters/streams.ts'
import { type Page, pageOf } from '../../../shared/ledger-pages.ts'
import { quiet as log } from '../../quiet.ts'
import { natsVersions, ownNats } from '../../servers.ts'

const at = { journal: 'made', seq: 7 }
const page = (about: Partial<Page>): Page => ({ at, patterns: {}, hooks: {}, gone: {}, ...about })

describe.each(natsVersions)('the ledger, on NATS %s', async version => {
  const server = await ownNats(version)
  const nats = openNats(server.url, 'ledger-test', log)
  const book = bookIn(nats)
  const reader = ledgerReader(nats)
  beforeAll(async () => ensureStreams(await nats.opened, 1, log))
  afterAll(() => nats.close())

  it('is empty before anything is counted', async () => {
    expect(await reader.read()).toMatchObject({
      received: 0,
      counts: {},
      hooks: new Map(),
      patterns: new Map(),
    })
    expect(await reader.waiting([])).toEqual(new Map())
  })

  it('is put together from all its pages', async () => {
    const hooks = ['n/a', 'n/b', 'm/c'].map(id => [id, { counts: { matched: id.length } }] as const)
    for (const [id, line] of hooks) {
      const { value, revision } = await book.page(pageOf(id))
      await book.putPage(pageOf(id), page({ ...value, hooks: { ...value?.hooks, [id]: line } }), revision)
    }
    const { value, revision } = await book.page(pageOf('ops.>'))
    await book.putPage(pageOf('ops.>'), page({ ...value, patterns: { 'ops.>': 4 } }), revision)
    await book.putHead({ at, received: 4, counts: { matched: 9 } }, 0)
    const ledger = await reader.read()
    expect(ledger).toMatchObject({ received: 4, counts: { matched: 9 }, patterns: new Map([['ops.>', 4]]) })
    expect(new Map([...ledger.hooks].sort())).toEqual(new Map([...hooks].sort()))
  })

  it('is the same object until something changes', async () => {
    const first = await reader.read()
    expect(await reader.read()).toBe(first)
    const { revision } = await book.head()
    await book.putHead({ at, received: 5, counts: { matched: 9 } }, revision)
    expect((await reader.read()).received).toBe(5)
  })

  it('is not written over what somebody else has written since it was read', async () => {
    const { revision } = await book.head()
    const head = { at, received: 6, counts: {} }
    await book.putHead(head, revision)
    await expect(book.putHead({ ...head, received: 7 }, revision)).rejects.toThrow(/wrong last sequence/)
    await expect(book.putPage(pageOf('n/a'), page({}), 0)).rejects.toThrow(/wrong last sequence/)
    expect((await reader.read()).received).toBe(6)
  })
})
