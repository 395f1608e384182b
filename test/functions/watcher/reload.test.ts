import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Compiled } from '../../../functions/watcher/compile.ts'
import { type ReloadWorld, reloader } from '../../../functions/watcher/reload.ts'
import { resourceOf } from '../../../functions/watcher/resources/hooks.ts'
import { sealingWith } from '../../../functions/watcher/sealing.ts'
import type { CompiledHook } from '../../../shared/hookset.ts'
import { hookYaml, key } from './folder-of.ts'
import { object } from './resources/objects.ts'

const fromCluster = (name: string, spec: Record<string, string> = {}) => {
  const { metadata, ...rest } = parse(hookYaml(name, spec))
  return resourceOf({
    ...object(name),
    value: { ...rest, metadata: { ...object(name).metadata, ...metadata } },
  })
}
const file = (path: string, text: string) => ({ path, text })

/** A reloader, and the sets that it hands on: `name subject` of each hook. */
function reloading(world: Partial<ReloadWorld> = {}) {
  const sets: string[][] = []
  let hooks: CompiledHook[] = []
  const reload = reloader({
    from: { folder: true, cluster: true },
    before: async () => [],
    sealing: sealingWith(key),
    revisionOf: all => all.map(({ revision }) => revision).join(),
    keep(set) {
      hooks = set.hooks
      sets.push(hooks.map(({ name, subject }) => `${name} ${subject}`))
    },
    report() {},
    counted() {},
    reloaded() {},
    log: { debug() {}, info() {}, warn() {}, error() {} },
    ...world,
  })
  return { ...reload, sets, hooks: () => hooks }
}

const settled = () => new Promise(resolve => setImmediate(resolve))

describe('reloader()', () => {
  it('compiles nothing before folder, cluster and the set in force are all known', async () => {
    const before = Promise.withResolvers<CompiledHook[]>()
    const { files, cluster, sets } = reloading({ before: () => before.promise })
    files([file('a.yaml', hookYaml('a'))])
    before.resolve([])
    await settled()
    expect(sets).toEqual([])
    cluster([fromCluster('b')], () => {})
    expect(sets).toEqual([['a ops.>', 'b ops.>']])
  })

  it("takes the hook of the cluster where both have one of a name, and the folder's when that goes", async () => {
    const told: Compiled[] = []
    const { files, cluster, sets } = reloading()
    await settled()
    cluster([fromCluster('a', { subject: 'ops.cluster' })], compiled => told.push(compiled))
    files([file('a.yaml', hookYaml('a'))])
    expect(told.at(-1)?.refused.map(({ file, hook }) => `${file} ${hook}`)).toEqual(['a.yaml ops/a'])
    cluster([], () => {})
    expect(sets).toEqual([['a ops.cluster'], ['a ops.>']])
  })

  it('keeps what an earlier process had in force of a hook that is refused', async () => {
    const first = reloading()
    await settled()
    first.files([])
    first.cluster([fromCluster('a', { subject: 'ops.good' })], () => {})
    const told: Compiled[] = []
    const second = reloading({ before: async () => first.hooks() })
    second.files([])
    second.cluster([fromCluster('a', { subject: 'ops..bad' })], compiled => told.push(compiled))
    await settled()
    expect(second.sets).toEqual([['a ops.good']])
    expect(told[0]?.refused[0]).toMatchObject({ hook: 'ops/a', problems: [{ field: 'spec.subject' }] })
    expect(told[0]?.refused[0]?.problems[0]).not.toHaveProperty('line')
  })

  it('begins without it where it cannot be had', async () => {
    const { files, sets } = reloading({
      from: { folder: true, cluster: false },
      before: () => Promise.reject(new Error('away')),
    })
    files([file('a.yaml', hookYaml('a'))])
    await settled()
    expect(sets).toEqual([['a ops.>']])
  })
})
