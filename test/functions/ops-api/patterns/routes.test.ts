import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { refusalFor } from '../../../../functions/ops-api/api.ts'
import { patternRoutes } from '../../../../functions/ops-api/patterns/routes.ts'
import type { Patterns } from '../../../../functions/ops-api/patterns/shapes.ts'
import { routeOf } from '../../../../functions/ops-api/route.ts'
import { backOffs, daysBefore, hour, minute, noon, patternRig, row } from '../../event-store/patterns/rig.ts'

const rig = await patternRig()
const table = patternRoutes({ ask: ask => ask(rig.db), now: () => noon, log: rig.log })

async function answered(query = '', read = ['>']) {
  const found = routeOf(table, 'GET', `/api/v1/patterns?${query}`)
  if ('status' in found) throw new Error(found.message)
  const token = { name: 't', sha256: '', publish: [], read, rights: [] }
  return refusalFor(token, found.route) ?? found.route.answer({ ...found, token, body: {} })
}

async function patterns(query = '', read?: string[]): Promise<z.output<typeof Patterns>> {
  const answer = await answered(query, read)
  if (!('data' in answer)) throw new Error(JSON.stringify(answer))
  return answer.data as z.output<typeof Patterns>
}

const every = (seconds: number, many: number, end = noon) =>
  Array.from({ length: many }, (_, at) => end - (many - at) * seconds * 1_000)

const keys = ({ list }: z.output<typeof Patterns>) => list.map(({ key }) => key)

describe('GET /api/v1/patterns', () => {
  it('shows what recurs, what it says and three that show it', async () => {
    const images = ['foo:1.2.3', 'bar:2.0', 'reg.io/team/app:latest']
    const times = every(20, 9)
    await rig.storing()([
      ...times.map((at, index) =>
        row({ at, name: `web-${index}`, reason: 'Failed', message: `image ${images[index % 3]} not found` }),
      ),
      ...backOffs(times, { message: 'Back-off restarting failed container app in pod web-1_shop(7)' }),
      ...backOffs(times, {
        message: 'Back-off restarting failed container db in pod db-0_shop(8)',
        kind: 'Pod',
      }),
    ])
    const { list, total, truncated, start_time, end_time } = await patterns()
    expect({ total, truncated, start_time, end_time }).toEqual({
      ...{ total: 2, truncated: false },
      ...{ start_time: '2026-05-04T11:00:00.000Z', end_time: '2026-05-04T12:00:00.000Z' },
    })
    expect(list[0]).toMatchObject({
      ...{ key: 'backoff-pod-shop', count: 18, verdict: 'recurring', severity: 'warning', history: 0 },
      templates: [
        { template: 'Back-off restarting failed container <*> in pod <*>', count: 18, variants: 2 },
      ],
    })
    expect(list[1]).toMatchObject({
      ...{ key: 'failed-pod-shop', reason: 'Failed', kind: 'Pod', namespace: 'shop', cluster: 'prod' },
      ...{
        count: 9,
        frequency: 3.38,
        first_seen: '2026-05-04T11:57:00.000Z',
        last_seen: '2026-05-04T11:59:40.000Z',
      },
      templates: [{ template: 'image <*> not found', count: 9, variants: 1 }],
      samples: [{ name: 'web-8' }, { name: 'web-7' }, { name: 'web-6' }],
    })
  })

  it('finds a burst within an instant, also one that others came long after', async () => {
    const burst = noon - 50 * minute
    await rig.store([...backOffs([burst, burst, burst, noon - minute])])
    await rig.store([...backOffs([noon - 1_000], { reason: 'Unhealthy' }, 7)])
    await rig.store([...backOffs(every(600, 5), { reason: 'Killing' })])
    expect((await patterns()).list.map(({ key, verdict }) => [key, verdict])).toEqual([
      ['unhealthy-pod-shop', 'burst'],
      ['backoff-pod-shop', 'recurring'],
    ])
    expect(keys(await patterns('min_rate=0.05'))).toContain('killing-pod-shop')
    expect(keys(await patterns('min_count=5'))).toEqual(['unhealthy-pod-shop'])
    expect(keys(await patterns('order=newest&limit=1&min_rate=0.05'))).toEqual(['unhealthy-pod-shop'])
    expect(await patterns('limit=1&min_rate=0.05')).toMatchObject({ total: 3, truncated: true })
  })

  it('compares with the same hour of the days before', async () => {
    await rig.store(daysBefore(7, 4))
    await rig.store(daysBefore(7, 4, { reason: 'Unhealthy' }))
    await rig.store(backOffs(every(60, 48)))
    await rig.store(backOffs(every(300, 5), { reason: 'Unhealthy' }))
    await rig.store(backOffs(every(60, 6), { reason: 'FailedMount' }))
    const { list } = await patterns()
    expect(
      list.map(({ key, verdict, usual, ratio, history }) => ({ key, verdict, usual, ratio, history })),
    ).toEqual([
      { key: 'failedmount-pod-shop', verdict: 'new', usual: 0, ratio: 6, history: 7 },
      { key: 'backoff-pod-shop', verdict: 'change', usual: 4, ratio: 12, history: 7 },
    ])
    expect(
      (await patterns('start_time=2026-05-01T12:00:00Z')).list.map(({ verdict }) => verdict),
    ).not.toContain('new')
  })

  it('counts only what the token may read, by subject, whatever the data says', async () => {
    const times = every(20, 6)
    const claimed = backOffs(times, { namespace: 'bank' }).map(one => ({
      ...one,
      namespace: 'shop',
      id: `c${one.id}`,
    }))
    await rig.store([...backOffs(times), ...backOffs(times, { namespace: 'bank' })])
    await rig.store(claimed)
    const shop = await patterns('', ['ops.clusters.*.namespaces.shop.>'])
    expect(shop.list.map(({ key, count }) => [key, count])).toEqual([['backoff-pod-shop', 6]])
    const one = await patterns('', ['ops.clusters.*.namespaces.*.pods.web-1.events'])
    expect(one.list).toEqual([])
    expect((await patterns('', ['ops.clusters.test.>'])).list).toEqual([])
    expect(await answered('', [])).toMatchObject({ status: 403 })
  })

  it('finds the same from the events where the roll-up cannot tell', async () => {
    await rig.store(backOffs(every(20, 6), { name: 'web-1' }))
    await rig.store(backOffs(every(20, 6), { name: 'web-2' }))
    const { list } = await patterns('name=web-1')
    expect(list.map(({ key, count, history }) => [key, count, history])).toEqual([['backoff-pod-shop', 6, 0]])
    expect(keys(await patterns('q=restarting'))).toEqual(['backoff-pod-shop'])
    expect(keys(await patterns('q=nothing'))).toEqual([])
  })

  it('chooses by what events are chosen by, ordinary life included', async () => {
    await rig.store([
      ...backOffs(every(20, 6)),
      ...backOffs(every(20, 6), { reason: 'Pulled', severity: 'info' }),
      ...backOffs(every(20, 6), { namespace: 'bank', category: 'probe' }),
      ...backOffs(every(20, 6, noon - 2 * hour), { reason: 'Old' }),
    ])
    expect(keys(await patterns()).sort()).toEqual(['backoff-pod-bank', 'backoff-pod-shop', 'pulled-pod-shop'])
    expect(keys(await patterns('severity=warning,error&namespace=shop'))).toEqual(['backoff-pod-shop'])
    expect(keys(await patterns('category=probe'))).toEqual(['backoff-pod-bank'])
    expect(keys(await patterns('subject=ops.clusters.*.namespaces.bank.>'))).toEqual(['backoff-pod-bank'])
    expect(keys(await patterns('reason=Old&start_time=2026-05-04T09:00:00Z'))).toEqual(['old-pod-shop'])
  })

  it.each([
    ['min_count=1', 'min_count: it has to be a whole number from 2 to 1000000'],
    ['min_rate=-1', 'min_rate: it has to be a number from 0 to 1000000'],
    ['min_ratio=0.5', 'min_ratio: it has to be a number from 1 to 1000000'],
    ['limit=1000000000', 'limit: it has to be a whole number from 1 to 100'],
    ['order=loudest', 'order: it has to be strongest or newest'],
    ['min_cout=4', 'there is no parameter "min_cout", did you mean "min_count"?'],
    ['start_time=2026-05-05T00:00:00Z', 'the range is backwards'],
    ['subject=ops..pods', 'is no subject pattern'],
  ])('refuses %s', async (query, says) => {
    expect(await answered(query)).toMatchObject({ status: 400, message: expect.stringContaining(says) })
  })

  it('takes every text for what it is', async () => {
    await rig.store(backOffs(every(20, 6)))
    for (const name of ['namespace', 'reason', 'kind', 'cluster', 'q', 'type', 'category', 'correlation'])
      for (const text of ["'; drop table events; --", '{"$ne": null}', "\\' or 1=1", '%x%'])
        expect(await answered(`${name}=${encodeURIComponent(text)}`), `${name}=${text}`).toHaveProperty(
          'data.list',
          [],
        )
  })
})
