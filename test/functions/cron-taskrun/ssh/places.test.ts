import { describe, expect, it } from 'vitest'
import { placesIn } from '../../../../functions/cron-taskrun/ssh/places.ts'
import { hostOf } from './hosts.ts'

const controlPlane = { 'node-role.kubernetes.io/control-plane': '' }
const hosts = [
  hostOf('m-1', {}, { labels: controlPlane }),
  hostOf('m-2', {}, { labels: { role: 'master', zone: 'b' } }),
  hostOf('w-1', {}, { labels: { zone: 'a', 'ops/gpu': 'true' } }),
  hostOf('w-2', {}, { labels: { zone: 'b' }, status: { heartStatus: 'Failed' } }),
]
const names = (host: string | undefined, uid = 'u-1', among = hosts) => {
  const found = placesIn(among, { host, namespace: 'ops', uid })
  return 'problem' in found ? found.problem : found.map(({ name }) => name)
}

describe('placesIn()', () => {
  it.each([
    ['w-1', ['w-1']],
    ['all', ['m-1', 'm-2', 'w-1', 'w-2']],
    ['allmasters', ['m-1', 'm-2']],
    ['allworkers', ['w-1', 'w-2']],
    ['anyworker', ['w-1']],
    ['zone=b', ['m-2', 'w-2']],
    ['zone==b,role!=master', ['w-2']],
    ['zone in (a, c),ops/gpu=true', ['w-1']],
    ['zone notin (b)', ['m-1', 'w-1']],
    ['!zone', ['m-1']],
    ['role=,zone', 'No Host of namespace "ops" is "role=,zone": it has m-1, m-2, w-1, w-2'],
    ['zone=c', 'No Host of namespace "ops" is "zone=c": it has m-1, m-2, w-1, w-2'],
    ['w-9', 'There is no Host "w-9" in namespace "ops": it has m-1, m-2, w-1, w-2'],
    [
      'zone=b,=c',
      'Cannot tell where "zone=b,=c" is: "=c" of "zone=b,=c" is no label selector: a=b, a!=b, a in (b, c), a notin (b), a and !a are',
    ],
  ])('finds for %j %j', (host, found) => {
    expect(names(host)).toEqual(found)
  })

  it('says of what is no selector that it never will be one', () => {
    const uid = 'u-1'
    expect(placesIn(hosts, { host: 'a=b c', namespace: 'ops', uid })).toMatchObject({ never: true })
    expect(placesIn(hosts, { host: 'w-9', namespace: 'ops', uid })).not.toHaveProperty('never')
  })

  it('takes any that did not fail its last probe, the same for the same run', () => {
    const uids = Array.from({ length: 200 }, (_, number) => `u-${number}`)
    const taken = uids.map(uid => names(undefined, uid))
    expect(new Set(taken.flat())).toEqual(new Set(['m-1', 'm-2', 'w-1']))
    expect(uids.map(uid => names('anynode', uid))).toEqual(taken)
  })

  it('takes one that failed where there is no other', () => {
    expect(names('anyworker', 'u-1', hosts.slice(3))).toEqual(['w-2'])
  })

  it('says where there are none, and not all of very many', () => {
    expect(names('all', 'u-1', [])).toBe('No Host of namespace "ops" is "all": it has none')
    const many = Array.from({ length: 12 }, (_, number) => hostOf(`h${number}`))
    expect(names('x', 'u-1', many)).toMatch(/it has h0, .*h9 and 2 more$/)
  })
})
