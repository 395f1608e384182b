import { describe, expect, it } from 'vitest'
import type { OpsEvent } from '../../shared/event.ts'
import { parseJson } from '../../shared/json.ts'
import { nameProblem, textNamed } from '../../shared/named.ts'

const big = parseJson('{"n":12345678901234567890}')
const event: OpsEvent = {
  specversion: '1.0',
  id: '1',
  source: 'here',
  type: 'Kube',
  subject: 'ops.a',
  hops: 2,
  reason: '',
  nothing: null,
  data: {
    reason: 'BackOff',
    nothing: 'of the data',
    type: 'Warning',
    count: 3,
    ready: false,
    empty: '',
    none: null,
    list: [1, 'a'],
    metadata: { labels: { 'app.kubernetes.io/name': 'web', app: 'dot', tier: { x: 1 } } },
    'a.b': 'whole',
    a: { b: 'parts', c: 'part' },
    ...('value' in big && typeof big.value === 'object' ? big.value : {}),
  },
}

// [name, text]
const texts: [string, string | undefined][] = [
  ['subject', 'ops.a'],
  ['type', 'Kube'],
  ['data.type', 'Warning'],
  ['hops', '2'],
  // An attribute that is there is the one meant, as one that is null is not.
  ['reason', ''],
  ['nothing', 'of the data'],
  ['data.reason', 'BackOff'],
  ['count', '3'],
  ['data.ready', 'false'],
  ['data.empty', ''],
  ['data.none', undefined],
  ['data.list', '[1,"a"]'],
  ['data.n', '12345678901234567890'],
  ['data.metadata.labels.app', 'dot'],
  ['data.metadata.labels.app.kubernetes.io/name', 'web'],
  ['data.metadata.labels.tier', '{"x":1}'],
  ['data.a.b', 'whole'],
  ['data.a.c', 'part'],
  ['data', undefined],
  ['data.', undefined],
  ['missing', undefined],
  ['data.missing.deeper', undefined],
  ['constructor', undefined],
  ['data.constructor', undefined],
  ['data.reason.length', undefined],
]

describe('a name of an attribute or of a field of the data', () => {
  it.each(texts)('%s is %j', (name, text) => {
    expect(textNamed(event, name)).toBe(text)
  })

  it('stands for nothing where the data is no object', () => {
    for (const data of [undefined, null, 'text', [1], 7])
      expect(textNamed({ ...event, data }, 'data.0'), JSON.stringify(data)).toBeUndefined()
  })

  it.each(['subject', 'reportingController', 'x-y_z', 'data.a', 'data.labels.app.kubernetes.io/name'])(
    'may be %s',
    name => {
      expect(nameProblem(name)).toBeUndefined()
    },
  )

  it.each([
    ['', 'it is "", which is no name: reason is one, and data.reason'],
    ['a b', 'it is "a b", which is no name: reason is one, and data.reason'],
    ['data', 'it names no field of the data: data.reason is one'],
    ['data.', 'it names no field of the data: data.reason is one'],
    [
      'labels.app',
      'it is "labels.app", which is no name of an attribute: a field of the data is data.labels.app',
    ],
  ])('may not be %j', (name, problem) => {
    expect(nameProblem(name)).toBe(problem)
  })
})
