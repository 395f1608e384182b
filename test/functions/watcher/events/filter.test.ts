import { describe, expect, it } from 'vitest'
import { collectionOf } from '../../../../functions/watcher/events/collection.ts'
import { readWatched } from '../../../../functions/watcher/events/file.ts'
import { droppedBy, Watched } from '../../../../functions/watcher/events/filter.ts'
import { parseKubeEvent } from '../../../../functions/watcher/events/occurrence.ts'
import { fileWith } from './stand.ts'

const event = parseKubeEvent('v1', {
  metadata: { name: 'e', namespace: 'shop', uid: 'u', resourceVersion: '1' },
  ...{ type: 'Warning', reason: 'BackOff', message: 'Back-off restarting', count: 3 },
  involvedObject: { kind: 'Pod', apiVersion: 'v1', namespace: 'shop', name: 'web-1' },
  source: { component: 'kubelet', host: 'node-1' },
})

describe('droppedBy()', () => {
  it.each([
    [{}, undefined],
    [{ namespaces: { include: ['shop'] } }, undefined],
    [{ namespaces: { include: ['sho'] } }, 'namespaces.include'],
    [{ namespaces: { exclude: ['shop'] } }, 'namespaces.exclude'],
    [{ reasons: { exclude: ['BackOff'] } }, 'reasons.exclude'],
    [{ kinds: { include: ['Node'] } }, 'kinds.include'],
    [{ names: { exclude: ['web-1'] } }, 'names.exclude'],
    [{ types: ['Normal'] }, 'types'],
    [{ types: ['Warning'] }, undefined],
    [{ drop: [{ kind: 'Po', namespace: 'sh' }] }, 'drop[0]'],
    [{ drop: [{ kind: '^Node$' }, { name: 'noise', message: '(?i)back-OFF' }] }, 'noise'],
    [{ drop: [{ component: 'kubelet', host: 'node-2' }] }, undefined],
    [{ drop: [{ minCount: 3, apiVersion: 'v1' }] }, 'drop[0]'],
    [{ drop: [{ minCount: 4 }] }, undefined],
    [{ match: [{ reason: 'Failed' }] }, 'match'],
    [{ match: [{ reason: 'Failed' }, { object: '^web-' }] }, undefined],
    [{ match: [{ object: '^web-' }], drop: [{ type: 'Warning' }] }, 'drop[0]'],
  ])('of %j is %s', (watched, rule) => {
    expect(droppedBy(Watched.parse(watched), event)).toBe(rule)
  })
})

describe('collectionOf()', () => {
  it('has the API server leave out what it can', () => {
    const watched = Watched.parse({
      ...{ namespaces: { include: ['shop'] }, types: ['Warning'] },
      ...{ fieldSelector: 'reason!=Pulled', labelSelector: 'app=web' },
    })
    expect(collectionOf('v1', watched)).toEqual({
      path: '/api/v1/namespaces/shop/events',
      fieldSelector: 'type=Warning,reason!=Pulled',
      labelSelector: 'app=web',
    })
    expect(collectionOf('events.k8s.io/v1', Watched.parse({}))).toEqual({
      path: '/apis/events.k8s.io/v1/events',
      fieldSelector: undefined,
      labelSelector: undefined,
    })
  })
})

describe('readWatched()', () => {
  it('takes an empty file as everything', () => {
    expect(readWatched(fileWith(''))).toEqual(Watched.parse({}))
  })

  it.each([
    ['drop:\n  - reason: "(abc"', /drop\[0\]\.reason: .*\(abc/],
    ['types: [Warn]', /types\[0\]: /],
    ['dropp: []', /dropp/],
    ['match: [{ receiver: x }]', /match\[0\]: .*receiver/],
    ['watchSeconds: 0', /watchSeconds: /],
    ['a: [', /Cannot read/],
  ])('says what is wrong with %j', (text, problem) => {
    const path = fileWith(text)
    expect(() => readWatched(path)).toThrow(problem)
    expect(() => readWatched(path)).toThrow(path)
  })
})
