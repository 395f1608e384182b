import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { judge } from '../../functions/watcher/judge.ts'
import { crdSchema } from '../../infra/crd-schema.ts'
import { crdFiles } from '../../infra/crds.ts'
import { describeOnKubernetes } from '../kubernetes.ts'

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const folder = path('../../infra/crds')
const files = readdirSync(folder).filter(name => name.endsWith('.yaml'))
const fixtures = ['hooks', 'resources'].map(name => path(`../fixtures/${name}`))

describe('infra/crds', () => {
  it('is as the schemas have it: else run "npm run crds"', () => {
    const written = new Map(files.map(name => [name, readFileSync(`${folder}/${name}`, 'utf8')]))
    expect(written).toEqual(crdFiles())
  })

  it('is a kustomization of them all', () => {
    expect(parse(readFileSync(`${folder}/Kustomization`, 'utf8')).resources.sort()).toEqual(files.sort())
  })

  it('is what --check says', async () => {
    const check = promisify(execFile)(process.execPath, [path('../../infra/crds.ts'), '--check'])
    await expect(check).resolves.toMatchObject({ stderr: '' })
  })

  it('shows no url in a column', () => {
    const columns = [...crdFiles().values()].flatMap(
      text => parse(text).spec.versions[0].additionalPrinterColumns,
    )
    expect(columns.length).toBeGreaterThan(20)
    expect(
      columns.filter(({ jsonPath }) => /url|options|password|token|config|privateKey/i.test(jsonPath)),
    ).toEqual([])
  })
})

describe('crdSchema()', () => {
  it('leaves out what a structural schema cannot have', () => {
    const schema = z.strictObject({ at: z.iso.datetime(), of: z.record(z.string(), z.int()) })
    expect(crdSchema(schema)).toEqual({
      type: 'object',
      required: ['at', 'of'],
      properties: {
        at: { type: 'string', format: 'date-time' },
        of: { type: 'object', additionalProperties: { type: 'integer' } },
      },
    })
  })

  it('takes any map for what holds more of itself', () => {
    const tree: z.ZodType = z.lazy(() => z.strictObject({ not: tree.optional() }))
    expect(crdSchema(z.strictObject({ all: z.array(tree).max(3) }))).toEqual({
      type: 'object',
      required: ['all'],
      properties: {
        all: {
          type: 'array',
          maxItems: 3,
          items: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        },
      },
    })
  })

  it('says where something stands that it cannot say', () => {
    const either = z.object({ spec: z.array(z.object({ a: z.union([z.string(), z.number()]) })) })
    expect(() => crdSchema(either)).toThrow('Cannot make a structural schema: .spec[].a has "anyOf"')
  })
})

describeOnKubernetes('the CRDs', {}, ({ kubectl }) => {
  const apply = (yaml: string) => kubectl(['apply', '--server-side', '--validate=strict', '-f', '-'], yaml)
  const hook = (spec: string) => `
apiVersion: crd.chenshaowen.com/v1
kind: EventHooks
metadata: { name: bad, namespace: ops-system }
spec: ${spec}
`

  beforeAll(async () => {
    await kubectl(['create', 'namespace', 'ops-system'])
    await kubectl(['apply', '--server-side', '-f', folder])
  })

  it('are established, without a word of what is not structural', async () => {
    await kubectl(['wait', '--for=condition=Established', '--timeout=15s', '-f', folder])
    const { items } = JSON.parse(await kubectl(['get', '-o', 'json', 'crd']))
    const types = items.flatMap(
      ({ status }: { status: { conditions: { type: string; status: string }[] } }) =>
        status.conditions.filter(condition => condition.status === 'True').map(({ type }) => type),
    )
    expect(items).toHaveLength(8)
    expect(new Set(types)).toEqual(new Set(['NamesAccepted', 'Established']))
  })

  it.each(fixtures)('take every published resource of %s unchanged', async fixture => {
    await kubectl(['apply', '--server-side', '--validate=strict', '-f', fixture])
    await kubectl(['apply', '--server-side', '--validate=strict', '-f', fixture])
  })

  it.each([
    [
      '{ type: webhok, subject: ops.>, url: "http://a" }',
      /spec\.type: Unsupported value: "webhok": supported values: "webhook"/,
    ],
    [
      '{ type: webhook, subject: ops.>, url: "http://a", keywords: { matchMode: SOME } }',
      /spec\.keywords\.matchMode: Invalid value: .*it has to be ANY or ALL, in any case/,
    ],
    [
      '{ type: webhook, subject: ops.>, url: "http://a", keywords: { matchType: regexp } }',
      /spec\.keywords\.matchType: Invalid value: .*it has to be CONTAINS or EXACT or REGEX, in any case/,
    ],
    ['{ type: webhook, url: "http://a" }', /spec\.subject: Required value/],
    [
      '{ type: webhook, subject: ops.>, url: "http://a", keyword: {} }',
      /\.spec\.keyword: field not declared in schema/,
    ],
    ['{ type: webhook, subject: ops.>, dedup: {} }', /spec\.dedup\.window: Required value/],
    ['{ type: webhook, subject: ops.>, dedup: { window: soon } }', /spec\.dedup\.window: .* should match/],
    ['{ type: webhook, subject: ops.>, dedup: { window: 5m, keys: [a] } }', /\.spec\.dedup\.keys: field not/],
    [
      '{ type: webhook, subject: ops.>, threshold: { count: 1, window: 5m } }',
      /spec\.threshold\.count: .* should be greater than or equal to 2/,
    ],
    [
      '{ type: webhook, subject: ops.>, storm: { limit: -1 } }',
      /spec\.storm\.limit: .* greater than or equal to 0/,
    ],
    ['{ type: webhook, subject: ops.>, resolve: "yes" }', /spec\.resolve: expected boolean/],
    ['{ type: webhook, subject: ops.>, secretRef: { name: a } }', /spec\.secretRef\.keys: Required value/],
    [`{ type: webhook, subject: ops.>, template: ${'x'.repeat(16_385)} }`, /spec\.template: Too long/],
    ['{ type: webhook, subject: ops.>, filters: [exact] }', /spec\.filters\[0\]: expected map/],
  ])('refuse a hook with %s', async (spec, said) => {
    await expect(apply(hook(spec))).rejects.toThrow(said)
  })

  it.each([
    ['{}', /x/, true],
    ['{ until: tomorrow }', /spec\.until: .* must be of type date-time/],
    ['{ schedule: { cron: "0 0 * * *" } }', /spec\.schedule\.duration: Required value/],
    ['{ schedule: { cron: "0 0 * * *", duration: 2x } }', /spec\.schedule\.duration: .* should match/],
    ['{ matchers: [{ name: a, value: b, op: "==" }] }', /spec\.matchers\[0\]\.op: Unsupported value/],
    ['{ matcher: [] }', /\.spec\.matcher: field not declared/],
    [
      '{ subject: ops.a.>, matchers: [{ name: a, value: b }, { name: data.x, op: "=~", value: "y|z" }] }',
      /x/,
      true,
    ],
    [
      '{ from: "2026-01-01T00:00:00+08:00", schedule: { cron: "0 22 * * 6", duration: 1h30m, timeZone: Asia/Shanghai } }',
      /x/,
      true,
    ],
  ])('judge a silence with %s', async (spec, said, fine = false) => {
    const yaml = `{apiVersion: crd.chenshaowen.com/v1, kind: Silence, metadata: {name: a, namespace: ops-system}, spec: ${spec}}`
    if (!fine) return expect(apply(yaml)).rejects.toThrow(said)
    await apply(yaml)
    const read = await kubectl(['get', '-n', 'ops-system', 'silences/a', '-o', 'jsonpath={.spec.subject}'])
    expect(read).toMatch(/^ops\./)
  })

  it('take all that keeps noise down, filters as deep as they are, with defaults', async () => {
    const all = `{ type: slack, subject: ops.>, suspend: true, resolve: true, template: "{{ text }}",
      filters: [{ all: [{ exact: { type: Kube } }, { not: { any: [{ prefix: { data.reason: A } }] } }] }],
      dedup: { window: 1h30m }, threshold: { count: 3, window: 1d }, storm: { limit: 0 },
      secretRef: { name: chat, keys: { url: hook, options.secret: token } } }`
    await apply(hook(all))
    const read = await kubectl(['get', '-n', 'ops-system', 'eventhooks/bad', '-o', 'jsonpath={.spec}'])
    expect(JSON.parse(read)).toMatchObject({
      filters: [
        { all: [{ exact: { type: 'Kube' } }, { not: { any: [{ prefix: { 'data.reason': 'A' } }] } }] },
      ],
      dedup: { window: '1h30m', key: ['subject', 'reason'] },
      threshold: { groupBy: [] },
      secretRef: { keys: { 'options.secret': 'token' } },
    })
    const compiled = judge({
      file: 'cluster',
      value: JSON.parse(await kubectl(['get', '-n', 'ops-system', 'eventhooks/bad', '-o', 'json'])),
      placeOf: () => ({}),
    })
    expect(compiled.kind).toBe('hook')
    await kubectl(['delete', '-n', 'ops-system', 'eventhooks/bad'])
  })

  it('refuse a mount of two things', async () => {
    const task = `
apiVersion: crd.chenshaowen.com/v1
kind: Task
metadata: { name: bad, namespace: ops-system }
spec: { steps: [{ name: a }], mounts: [{ hostPath: /a, secret: { name: a, mountPath: /a } }] }
`
    await expect(apply(task)).rejects.toThrow('a mount has either hostPath, secret or configMap')
  })

  it('take modes and types in any case, with defaults for what is left out', async () => {
    await apply(hook('{ type: webhook, subject: ops.>, url: "http://a", keywords: { matchMode: all } }'))
    const spec = JSON.parse(
      await kubectl(['get', '-n', 'ops-system', 'eventhooks/bad', '-o', 'jsonpath={.spec}']),
    )
    expect(spec).toMatchObject({
      keywords: { include: [], exclude: [], matchMode: 'all', matchType: 'CONTAINS' },
      options: {},
    })
  })
})
