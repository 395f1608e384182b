import { describe, expect, it } from 'vitest'
import type { Compiled } from '../../../functions/watcher/compile.ts'
import { documentReader } from '../../../functions/watcher/documents.ts'
import {
  type SilenceSet,
  type SilencesWorld,
  silenceReloader,
} from '../../../functions/watcher/reload-silences.ts'
import { reporter } from '../../../functions/watcher/report.ts'
import { resourceOf } from '../../../functions/watcher/resources/hooks.ts'
import { type PlacedSilence, type Silences, silencesIn } from '../../../functions/watcher/silences.ts'
import { quiet } from '../../quiet.ts'
import { compiledFrom, complaints, hookYaml } from './folder-of.ts'
import { object } from './resources/objects.ts'

const silenceYaml = (name: string, spec: Record<string, string> = {}) => {
  const fields = { until: '2099-01-01T00:00:00Z', ...spec }
  const lines = Object.entries(fields).map(([field, value]) => `  ${field}: ${value}`)
  return `---
apiVersion: crd.chenshaowen.com/v1
kind: Silence
metadata:
  name: ${name}
  namespace: ops
spec:
${lines.join('\n')}
`
}

/** A folder in memory, and what follows from it for silences. */
function folder() {
  const read = documentReader()
  let placed: PlacedSilence[] = []
  return (files: Record<string, string>): Silences => {
    const found = read(Object.entries(files).map(([path, text]) => ({ path, text })))
    const silences = silencesIn(found, placed)
    placed = silences.placed
    return silences
  }
}
const one = (text: string) => folder()({ 'a.yaml': text })
const names = ({ placed }: Silences) => placed.map(({ silence }) => `${silence.id} ${silence.spec.subject}`)
const said = ({ refused }: Silences) => complaints({ refused } as Compiled)

describe('silences among resources', () => {
  it('are taken in order of their names, and hooks beside them left to others', () => {
    const text = [
      hookYaml('b'),
      silenceYaml('b', { subject: 'OPS.b' }),
      hookYaml('a'),
      silenceYaml('a'),
    ].join('---\n')
    expect(names(one(text))).toEqual(['ops/a ops.>', 'ops/b OPS.b'])
    const hooks = compiledFrom(text)
    expect(hooks.placed.map(({ hook }) => hook.id)).toEqual(['ops/a', 'ops/b'])
    expect([...hooks.refused, ...hooks.ignored]).toEqual([])
  })

  it.each([
    [
      'no end',
      silenceYaml('a').replace(/ {2}until.*/, '  {}'),
      /^7 spec\.until: it is missing: a silence has an end/,
    ],
    [
      'an unknown field',
      silenceYaml('a', { matcher: '[]' }),
      /^9 spec\.matcher: there is no field "matcher": did you mean "matchers"\?/,
    ],
    [
      'a time that is none',
      silenceYaml('a', { until: 'tomorrow' }),
      /^8 spec\.until: it has to be a time such as 2026/,
    ],
    [
      'a matcher without its value',
      silenceYaml('a', { matchers: '[{ name: a }]' }),
      /^9 spec\.matchers\[0\]\.value: it is missing/,
    ],
    [
      'an operator that there is not',
      silenceYaml('a', { matchers: '[{ name: a, op: "==", value: b }]' }),
      /^9 spec\.matchers\[0\]\.op: it is "==", it has to be one of =, !=, =~, !~/,
    ],
    [
      'a number to match',
      silenceYaml('a', { matchers: '[{ name: a, value: 7 }]' }),
      /^9 spec\.matchers\[0\]\.value: it is 7, a number, it has to be text/,
    ],
    [
      'a pattern that cannot be had',
      silenceYaml('a', { matchers: '[{ name: a, op: "=~", value: "(" }]' }),
      /^9 spec\.matchers\[0\]\.value: "\(" cannot be honoured/,
    ],
    [
      'a cron that is none',
      silenceYaml('a', { schedule: '{ cron: "0 25 * * *", duration: 1h }' }),
      /^9 spec\.schedule: it is "0 25 \* \* \*", which is no cron/,
    ],
    ['a name that is none', silenceYaml('A_b'), /^5 metadata\.name: it is "A_b"/],
    [
      'another version',
      silenceYaml('a').replace('com/v1', 'com/v2'),
      /^2 apiVersion: it is "crd\.chenshaowen\.com\/v2"/,
    ],
    [
      'a kind that is nearly it',
      silenceYaml('a').replace('Silence', 'Silences'),
      /^3 kind: there is no kind "Silences": did you mean "Silence"\?/,
    ],
    [
      'a name given twice',
      `${silenceYaml('a')}${silenceYaml('a')}`,
      /^13 metadata\.name: it is taken: a\.yaml:5, document 1,/,
    ],
  ])('are refused with %s, and only as silences', (_, text, problem) => {
    const silences = one(text)
    expect(said(silences)).toEqual([expect.stringMatching(problem)])
    expect(silences.refused[0]).toHaveProperty('silence')
    expect(compiledFrom(text).refused).toEqual([])
  })

  it('stay as they were when they cannot be honoured or read any more, and go when they are gone', () => {
    const write = folder()
    const [before] = write({
      'a.yaml': silenceYaml('a', { subject: 'ops.a' }),
      'b.yaml': silenceYaml('b'),
    }).placed
    const broken = write({ 'a.yaml': silenceYaml('a', { until: 'x' }), 'b.yaml': silenceYaml('b') })
    expect(broken.placed[0]).toBe(before)
    expect(broken.refused).toMatchObject([{ silence: 'ops/a', kept: ['ops/a'] }])
    expect(names(write({ 'a.yaml': silenceYaml('a'), 'b.yaml': '{' }))).toEqual([
      'ops/a ops.>',
      'ops/b ops.>',
    ])
    expect(names(write({ 'a.yaml': silenceYaml('a') }))).toEqual(['ops/a ops.>'])
    expect(names(write({}))).toEqual([])
  })

  it('are told of by name', () => {
    const lines: string[] = []
    const nothing = () => {}
    const report = reporter({
      debug: nothing,
      info: nothing,
      error: nothing,
      warn: (_, text) => lines.push(text),
    })
    const write = folder()
    write({ 'a.yaml': silenceYaml('a') })
    for (const _ of ['once', 'again']) report(write({ 'a.yaml': silenceYaml('a', { untill: 'x' }) }))
    expect(lines).toEqual([
      'Silence "ops/a" is refused, a.yaml:9: spec.untill: there is no field "untill": did you mean "until"?; what was in force before stays in force',
    ])
  })
})

describe('silenceReloader()', () => {
  const fromCluster = (name: string, spec: object = { until: '2099-01-01T00:00:00Z' }) =>
    resourceOf({
      ...object(name),
      value: { apiVersion: 'crd.chenshaowen.com/v1', kind: 'Silence', ...object(name), spec },
    })
  const inFolder = (text: string) => documentReader()([{ path: 'a.yaml', text }])
  const settled = () => new Promise(resolve => setImmediate(resolve))

  function reloading(world: Partial<SilencesWorld> = {}) {
    const sets: SilenceSet[] = []
    const reload = silenceReloader({
      from: { folder: true, cluster: true },
      before: async () => [],
      report() {},
      counted() {},
      keep: set => sets.push(set),
      log: quiet,
      ...world,
    })
    return { ...reload, sets, ids: () => sets.map(({ silences }) => silences.map(({ id }) => id).join()) }
  }

  it('waits for folder, cluster and what was before, and takes both', async () => {
    const before = Promise.withResolvers<[]>()
    const { folder, cluster, ids } = reloading({ before: () => before.promise })
    folder(inFolder(silenceYaml('a')))
    before.resolve([])
    await settled()
    expect(ids()).toEqual([])
    cluster([fromCluster('b')], () => {})
    expect(ids()).toEqual(['ops/a,ops/b'])
  })

  it('keeps what an earlier process took in of one that is refused, and tells the cluster', async () => {
    const first = reloading({ from: { folder: false, cluster: true } })
    await settled()
    first.cluster([fromCluster('a')], () => {})
    const silences = first.sets[0]?.silences ?? []
    const told: Silences[] = []
    const second = reloading({ from: { folder: false, cluster: true }, before: async () => silences })
    second.cluster([fromCluster('a', {})], one => told.push(one))
    await settled()
    expect(second.sets).toEqual(first.sets)
    expect(told[0]?.refused).toMatchObject([{ silence: 'ops/a', kept: ['ops/a'] }])
  })
})
