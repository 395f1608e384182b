import { describe, expect, it } from 'vitest'
import { membersOf } from '../../../../functions/ops-api/correlations/members.ts'
import { correlationIdOf } from '../../../../shared/correlation.ts'
import type { StoredEvent } from '../../../../shared/stored.ts'
import { type Said, stored } from '../../../stored.ts'
import { now, storyRig } from './rig.ts'

const rig = await storyRig()

const onNode = { node: 'node-1', severity: 'warning', reason: 'NodeNotReady' } as const
const down: Said = {
  at: '2026-05-04T10:00:00Z',
  kind: 'Node',
  name: 'node-1',
  reason: 'NodeNotReady',
  severity: 'critical',
}
const pod = (namespace: string, app: string, said: Partial<Said> = {}) =>
  stored({
    at: '2026-05-04T10:00:10Z',
    namespace,
    name: `${app}-1`,
    owners: [`Deployment/${app}`],
    ...onNode,
    ...said,
  })

const shop = ['ops.clusters.*.namespaces.shop.>']

describe('a story around a full hour', () => {
  const before = stored({ ...down, at: '2026-05-04T09:59:30Z' })

  it('reaches over it by its causes', async () => {
    const after = pod('shop', 'web', {
      at: '2026-05-04T10:04:40Z',
      reason: 'TaintManagerEviction',
      severity: 'info',
    })
    await rig.store([before], [after])
    const story = await rig.story(after.correlation)
    expect(story.list.map(({ id }) => id)).toEqual([before.id, after.id])
  })

  it('goes on with trouble of the same root within ten minutes, and with anything within two', async () => {
    const web = (at: string, said: Partial<Said> = {}) =>
      pod('shop', 'web', { at, node: '', reason: 'Started', severity: 'info', ...said })
    const bad = { reason: 'BackOff', severity: 'warning' } as const
    const story = async (one: StoredEvent, other: StoredEvent) => {
      await rig.clear()
      await rig.store([other], [one])
      return (await rig.story(other.correlation)).list.length
    }
    expect(await story(web('2026-05-04T09:59:10Z'), web('2026-05-04T10:00:50Z'))).toBe(2)
    expect(await story(web('2026-05-04T09:57:10Z'), web('2026-05-04T10:00:50Z'))).toBe(1)
    expect(await story(web('2026-05-04T09:55:00Z', bad), web('2026-05-04T10:04:00Z', bad))).toBe(2)
    expect(await story(web('2026-05-04T09:51:00Z', bad), web('2026-05-04T10:04:00Z', bad))).toBe(1)
  })

  it('is joined where what several share goes on', async () => {
    const data = { claims: [{ name: 'data', storageClass: 'fast' }] }
    const mount = { reason: 'FailedMount', severity: 'warning', category: 'volume', node: '', data } as const
    const early = ['a', 'b'].map(app => pod('shop', app, { ...mount, at: '2026-05-04T09:58:00Z' }))
    const late = ['c', 'd'].map(app => pod('shop', app, { ...mount, at: '2026-05-04T10:01:00Z' }))
    await rig.store(late, early)
    const story = await rig.story(late[1]?.correlation)
    expect(story.id).toBe(
      correlationIdOf({ cluster: 'prod', kind: 'StorageClass', name: 'fast' }, early[0]?.time.getTime() ?? 0),
    )
    expect(story.correlations).toHaveLength(4)
    expect(story.links.map(({ rule }) => rule)).toContain('continues')
  })
})

describe('who may see only some', () => {
  const mount = { node: '', reason: 'FailedMount', severity: 'warning', category: 'volume' } as const
  const fast = { ...mount, data: { claims: [{ name: 'data', storageClass: 'fast' }] } }
  const slow = { ...mount, data: { claims: [{ name: 'data', storageClass: 'slow' }] } }
  const rows = [
    stored(down),
    ...[pod('shop', 'web'), pod('shop', 'cart'), pod('bank', 'ledger')],
    ...[pod('shop', 'mail', fast), pod('bank', 'vault', fast)],
    ...[pod('bank', 'safe', slow), pod('shop', 'chat', slow), pod('shop', 'news', slow)],
    stored({
      at: '2026-05-04T10:00:05Z',
      kind: 'PersistentVolumeClaim',
      name: 'x',
      reason: 'ProvisioningFailed',
    }),
    pod('shop', 'search', {
      reason: 'FailedScheduling',
      node: '',
      message: 'persistentvolumeclaim "x" not found',
    }),
  ]
  const range = 'start_time=2026-05-04T09:00:00Z&end_time=2026-05-04T11:00:00Z'

  it('sees every story as if there were nothing else', async () => {
    const own = rows.filter(({ namespace }) => namespace === 'shop')
    await rig.store(own)
    const ids = own.map(({ correlation }) => correlation)
    const alone = []
    for (const id of ids) alone.push(await rig.story(id))
    const listed = await rig.stories(range)
    await rig.clear()
    await rig.store(rows)
    for (const [at, id] of ids.entries()) expect(await rig.story(id, { read: shop })).toEqual(alone[at])
    expect(await rig.stories(range, shop)).toEqual(listed)
    expect(listed.list).toHaveLength(5)
    expect(alone.at(-1)?.links).toHaveLength(1)
  })

  it('finds nothing under the id of what it may not see', async () => {
    await rig.store(rows)
    for (const { correlation } of rows.filter(({ namespace }) => namespace !== 'shop')) {
      expect(await rig.ask(`/${correlation}`, shop)).toMatchObject({ status: 404 })
    }
    const storage = correlationIdOf(
      { cluster: 'prod', kind: 'StorageClass', name: 'fast' },
      rows[0]?.time.getTime() ?? 0,
    )
    expect(await rig.ask(`/${storage}`, shop)).toMatchObject({ status: 404 })
    expect((await rig.story(storage)).correlations).toHaveLength(2)
  })

  it('asks by correlation for no more', async () => {
    await rig.store(rows)
    const [node, web, cart] = rows.map(({ correlation }) => correlation ?? '')
    const of = (ids: (string | undefined)[], read: string[]) =>
      membersOf(
        rig.db,
        ids.map(id => id ?? ''),
        { token: { read }, now },
      )
    expect((await of([web], ['>'])).ids).toEqual(expect.arrayContaining([node, web, cart]))
    expect(await of([web], shop)).toEqual({ ids: [web], truncated: false })
    expect(await of([], shop)).toEqual({ ids: [], truncated: false })
  })
})

describe('a story with several beginnings', () => {
  it('begins with the earliest, and names the others, whose stories are their own', async () => {
    const other = stored({ ...down, name: 'node-2', at: '2026-05-04T10:05:00Z' })
    const [both, more] = [
      pod('shop', 'web'),
      pod('shop', 'web', { node: 'node-2', at: '2026-05-04T10:05:10Z' }),
    ]
    const own = pod('shop', 'cart', { node: 'node-2', at: '2026-05-04T10:05:20Z' })
    await rig.store([own, more, both], [other, stored(down)])
    const story = await rig.story(both.correlation)
    expect(story).toMatchObject({ root: { kind: 'Node', name: 'node-1' }, others: [other.correlation] })
    expect(story.correlations).toHaveLength(2)
    const second = await rig.story(own.correlation)
    expect(second).toMatchObject({ root: { kind: 'Node', name: 'node-2' }, others: [] })
    expect(second.correlations).toHaveLength(3)
  })
})

describe('a story without end', () => {
  it('is cut, and says so', async () => {
    const hours = Array.from({ length: 80 }, (_, hour) =>
      ['T00:59:30Z', 'T00:00:30Z'].map((time, at) =>
        stored({
          ...{ name: 'web-1', reason: 'Started', owners: ['Deployment/web'] },
          at: Date.parse(`2026-05-01${time}`) + (hour + at) * 3_600_000,
        }),
      ),
    ).flat()
    await rig.store(hours)
    const first = await rig.story(hours[0]?.correlation)
    expect(first.truncated).toBe(true)
    expect(first.correlations.length).toBeGreaterThan(40)
    const last = await rig.story(hours.at(-1)?.correlation)
    expect(last.truncated).toBe(true)
    expect(last.correlations.map(({ id }) => id)).toContain(hours.at(-1)?.correlation)
  })

  it('shows the first events, and counts all', async () => {
    const many = Array.from({ length: 30 }, (_, at) =>
      pod('shop', 'web', { at: Date.parse('2026-05-04T10:20:00Z') + at * 1_000 }),
    )
    await rig.store(many)
    const story = await rig.story(many[0]?.correlation, { limit: 10 })
    expect(story.list.map(({ id }) => id)).toEqual(many.slice(0, 10).map(({ id }) => id))
    expect(story).toMatchObject({ events: 30, truncated: true })
  })
})

it.each([[['>']], [shop]])(
  'a story of large events is told as that of small ones, for whoever reads %j',
  async read => {
    const told = async (data: Record<string, unknown>) => {
      await rig.clear()
      const mount = pod('shop', 'web', {
        ...{ reason: 'FailedMount', severity: 'error', message: 'Unable to attach or mount volumes' },
        data: { claims: ['data'], ...data },
      })
      const claim = stored({
        ...{ at: '2026-05-04T10:00:00Z', kind: 'PersistentVolumeClaim', name: 'data', severity: 'error' },
        ...{ reason: 'ProvisioningFailed', data: { ...data } },
      })
      await rig.store([claim, mount])
      const { root, links, list } = await rig.story(claim.correlation, { read })
      return { root, rules: links.map(({ rule }) => rule), reasons: list.map(({ reason }) => reason) }
    }
    const small = await told({})
    expect(small.rules).toHaveLength(1)
    expect(await told({ dump: 'y'.repeat(100_000) })).toEqual(small)
  },
)

describe('a correlation of a caller', () => {
  it('is a story as any other', async () => {
    const own = stored({
      at: '2026-05-04T10:00:00Z',
      name: 'deploy',
      reason: 'Begun',
      correlation: 'deploy-4711',
    })
    await rig.store([own])
    expect(await rig.story('deploy-4711')).toMatchObject({ id: 'deploy-4711', events: 1, links: [] })
  })
})

describe('bad questions', () => {
  it.each(['no-such', "x' or true --", '%00', `${'x'.repeat(200)}`, '%F0%9F%98%80', '..'])(
    'about "%s" find nothing',
    async id => {
      expect(await rig.ask(`/${id}`)).toMatchObject({
        status: 404,
        message: expect.stringMatching(/^There is no correlation/),
      })
    },
  )

  it.each([
    ['/x?limit=1000000000', /limit/],
    ['/x?limit=0', /limit/],
    ['/x?depth=3', /"depth"/],
    ['?limit=101', /limit/],
    ['?start_time=2026-05-04T10:00:00Z&end_time=2026-05-04T09:00:00Z', /backwards/],
    ['?severity=awful', /severity/],
    ['?subject=a..b', /subject/],
  ])('"%s" are refused with what is wrong', async (path, message) => {
    expect(await rig.ask(path)).toMatchObject({ status: 400, message: expect.stringMatching(message) })
  })
})

describe('the newest stories', () => {
  const day = 'start_time=2026-05-04T00:00:00Z&end_time=2026-05-05T00:00:00Z'

  it.each([[['>']], [shop]])('are none where nothing happened, for whoever reads %j', async read => {
    expect(await rig.stories(day, read)).toMatchObject({ list: [], truncated: false })
  })

  it('are chosen by what happened in them, and by what belongs to them', async () => {
    const web = pod('shop', 'web')
    await rig.store([stored(down), web, pod('shop', 'cart', { node: '', at: '2026-05-04T12:00:00Z' })])
    const [story] = (await rig.stories(`${day}&severity=critical`)).list
    expect(story).toMatchObject({ id: stored(down).correlation, events: 1 })
    const { list } = await rig.stories(`${day}&correlation=${web.correlation}`)
    expect(list).toEqual([expect.objectContaining({ id: stored(down).correlation, events: 2 })])
  })

  it('come with root, counts, span, severity and categories, the newest first', async () => {
    const cart = pod('shop', 'cart', {
      at: '2026-05-04T10:30:00Z',
      node: '',
      reason: 'Started',
      severity: 'info',
    })
    await rig.store([stored(down), pod('shop', 'web'), cart])
    const { list, truncated } = await rig.stories(
      'start_time=2026-05-04T10:00:00Z&end_time=2026-05-04T11:00:00Z',
    )
    expect(list).toEqual([
      expect.objectContaining({
        id: cart.correlation,
        root: { cluster: 'prod', kind: 'Deployment', namespace: 'shop', name: 'cart' },
      }),
      {
        ...{ id: stored(down).correlation, root: { cluster: 'prod', kind: 'Node', name: 'node-1' } },
        ...{ events: 2, occurrences: 2, severity: 'critical', categories: ['lifecycle'], correlations: 2 },
        ...{ from: '2026-05-04T10:00:00.000Z', to: '2026-05-04T10:00:10.000Z' },
      },
    ])
    expect(truncated).toBe(false)
    expect(
      (await rig.stories('start_time=2026-05-04T10:00:00Z&end_time=2026-05-04T11:00:00Z&limit=1')).truncated,
    ).toBe(true)
  })
})
