import { afterAll, expect, it } from 'vitest'
import { z } from 'zod'
import { publishHooks, revisionOf } from '../../../shared/adapters/hooks.ts'
import { openNats } from '../../../shared/adapters/nats.ts'
import { openRedis } from '../../../shared/adapters/redis.ts'
import type { CompiledHook } from '../../../shared/hookset.ts'
import { compiledHook } from '../../compiled-hook.ts'
import { quiet } from '../../quiet.ts'
import { ownNats, ownRedis } from '../../servers.ts'
import { tokensFile } from '../../tokens.ts'
import { openApi, openBus } from './rig.ts'

const [server, cache] = await Promise.all([ownNats(), ownRedis()])
await openBus(server.url)
const file = tokensFile({
  shop: { read: ['ops.clusters.*.namespaces.shop.>'] },
  nodes: { read: ['ops.clusters.*.nodes.*.events'] },
  hush: { rights: ['silences'] },
})
const api = await openApi({ nats: server.url, redis: cache.url }, { env: { SERVER_TOKENS_FILE: file } })
const [nats, redis] = [openNats(server.url, 'test', quiet), openRedis(cache.url, quiet)]
await nats.opened
afterAll(() => Promise.all([nats.close(), redis.close()]))

const hook = (id: string, more: Partial<CompiledHook> = {}) =>
  compiledHook(id, { include: ['a'], sealed: 'c2VhbGVk', ...more })
const hooks = [
  hook('ops/loud'),
  hook('ops/quiet', {
    dedup: { window: 600_000, key: ['subject'] },
    threshold: { count: 3, window: 90_000, groupBy: [] },
    stormLimit: 60,
    suspend: true,
  }),
  hook('shop/other', { subject: 'ops.clusters.*.namespaces.shop.pods.>' }),
]
await publishHooks(nats, redis, { revision: revisionOf(hooks), hooks }, quiet)

const Sums = z.looseObject({ counts: z.record(z.string(), z.number()).optional() })
const List = z.object({ list: z.array(z.looseObject({ id: z.string() })), total: z.number() })

it('hooks in force are listed by namespace, or all of them', async () => {
  const ids = async (path: string) => (await api.ask('GET', path, { as: List })).data.list.map(({ id }) => id)
  expect(await ids('/namespaces/ops/eventhooks')).toEqual(['ops/loud', 'ops/quiet'])
  expect(await ids('/eventhooks')).toEqual(['ops/loud', 'ops/quiet', 'shop/other'])
  expect(await ids('/eventhooks?page=2&page_size=2')).toEqual(['shop/other'])
  expect(await ids('/namespaces/none/eventhooks')).toEqual([])
  const sums = async (path: string) => (await api.ask('GET', path, { as: Sums })).data.counts
  expect(await sums('/eventhooks')).toEqual({ received: 0, waiting: 0 })
  expect(await sums('/namespaces/ops/eventhooks')).toBeUndefined()
})

it('a hook is shown with what it asks for and its counts, and never with where it sends to', async () => {
  const { data } = await api.ask('GET', '/namespaces/ops/eventhooks/quiet')
  expect(data).toEqual({
    ...{
      id: 'ops/quiet',
      namespace: 'ops',
      name: 'quiet',
      type: 'webhook',
      subject: 'ops.>',
      revision: 'r1',
    },
    keywords: { include: ['a'], exclude: [], matchMode: 'ANY', matchType: 'CONTAINS' },
    dedup: { window: '10m', key: ['subject'] },
    threshold: { count: 3, window: '1m30s', groupBy: [] },
    storm: { limit: 60 },
    resolve: false,
    suspend: true,
    counts: { received: 0, waiting: 0 },
  })
  expect(await api.ask('GET', '/namespaces/ops/eventhooks/none')).toMatchObject({
    status: 404,
    message: expect.stringContaining('No hook "ops/none" is in force'),
  })
})

it('a token sees the hooks of what it may read, and the counts of those whose events it may all read', async () => {
  const seen = async (bearer: string) => {
    const { data } = await api.ask('GET', '/eventhooks', { bearer, as: List.extend(Sums.shape) })
    return { ids: data.list.map(({ id, counts }) => (counts ? `${id} with counts` : id)), all: data.counts }
  }
  expect(await seen('shop-token')).toEqual({ ids: ['ops/loud', 'ops/quiet', 'shop/other with counts'] })
  expect(await seen('nodes-token')).toEqual({ ids: ['ops/loud', 'ops/quiet'] })
  expect((await seen('hush-token')).ids).toHaveLength(3)
  expect((await seen('hush-token')).all).toEqual({ received: 0, waiting: 0 })
  const path = '/namespaces/shop/eventhooks/other'
  expect(await api.ask('GET', path, { bearer: 'nodes-token' })).toMatchObject({ status: 404 })
  expect(await api.ask('GET', path, { bearer: 'shop-token' })).toMatchObject({ status: 200 })
})
