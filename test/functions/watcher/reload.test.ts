import { describe, expect, it, vi } from 'vitest'
import { parse } from 'yaml'
import type { Compiled } from '../../../functions/watcher/compile.ts'
import { type ReloadWorld, reloader } from '../../../functions/watcher/reload.ts'
import { resourceOf } from '../../../functions/watcher/resources/hooks.ts'
import { sealingWith } from '../../../functions/watcher/sealing.ts'
import { openTemplateCheck } from '../../../functions/watcher/template.ts'
import type { CompiledHook } from '../../../shared/hookset.ts'
import { quiet } from '../../quiet.ts'
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
    secrets: () => ({ of: () => undefined, want() {}, stop() {} }),
    templates: openTemplateCheck,
    revisionOf: all => all.map(({ revision }) => revision).join(),
    keep(set) {
      hooks = set.hooks
      sets.push(hooks.map(({ name, subject }) => `${name} ${subject}`))
    },
    report() {},
    counted() {},
    reloaded() {},
    log: quiet,
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

  it('loads what checks templates with the first one, and goes on where that fails', async () => {
    const templates = vi.fn(() => Promise.reject(new Error('out of memory')))
    const { files, cluster, sets } = reloading({ templates })
    await settled()
    cluster([], () => {})
    files([file('a.yaml', hookYaml('a'))])
    expect(templates).not.toHaveBeenCalled()
    const told: Compiled[] = []
    cluster([fromCluster('t', { template: '"{{ text }}"' })], compiled => told.push(compiled))
    cluster([fromCluster('t', { template: '"{{ text }}"' }), fromCluster('b')], compiled =>
      told.push(compiled),
    )
    await settled()
    expect(templates).toHaveBeenCalledTimes(1)
    expect(sets).toEqual([['a ops.>'], ['a ops.>', 'b ops.>']])
    expect(told.at(-1)?.refused[0]?.problems[0]?.problem).toBe('it cannot be checked: out of memory')
  })

  it('compiles anew when a Secret has changed, and says what it wants of which', async () => {
    const values = new Map<string, string>()
    let changed = () => {}
    const wanted: string[] = []
    const { files, hooks } = reloading({
      from: { folder: true, cluster: false },
      secrets(call) {
        changed = call
        return {
          of: () => (values.size > 0 ? { values } : undefined),
          want: all => void wanted.push(all.map(({ hook, id, keys }) => `${hook} ${id} ${keys}`).join()),
          stop() {},
        }
      },
    })
    await settled()
    files([file('a.yaml', hookYaml('a', { secretRef: '{ name: s, keys: { options.x: k } }' }))])
    expect(hooks()).toEqual([])
    const revisions = ['one', 'two'].map(value => {
      values.set('k', value)
      changed()
      return hooks()[0]?.revision
    })
    expect(new Set([...revisions, undefined]).size).toBe(3)
    expect(wanted).toEqual(Array(3).fill('ops/a ops/s k'))
  })
})
