import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { type Kind, resources } from '../../shared/resources.ts'

const Manifest = z.object({
  kind: z.custom<Kind>(kind => typeof kind === 'string' && kind in resources),
  metadata: z.object({ name: z.string() }),
  spec: z.unknown(),
})

const fixtures = ['hooks', 'resources'].flatMap(name => {
  const folder = new URL(`../fixtures/${name}/`, import.meta.url)
  return readdirSync(folder).flatMap(file =>
    parseAllDocuments(readFileSync(new URL(file, folder), 'utf8')).map(document =>
      Manifest.parse(document.toJS()),
    ),
  )
})

const problems = (kind: Kind, spec: unknown) =>
  resources[kind].spec
    .safeParse(spec)
    .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)

describe('the schemas of resources', () => {
  it.each(fixtures.map(({ kind, metadata, spec }) => [kind, metadata.name, spec] as const))(
    'take the published %s %s as it is',
    (kind, _, spec) => {
      expect(problems(kind, spec)).toBeUndefined()
    },
  )

  it('have an example of every kind', () => {
    expect(new Set(fixtures.map(({ kind }) => kind))).toEqual(new Set(Object.keys(resources)))
  })

  it.each<[Kind, object, RegExp]>([
    ['Task', { steps: [] }, /^steps: /],
    // Longer than timers and times go.
    ['Task', { steps: [{ content: 'x', timeoutSeconds: 604_801 }] }, /^steps\.0\.timeoutSeconds: .*604800/],
    ['Task', { steps: [{ name: 'Über' }] }, /^steps\.0\.name: it has to be lower-case letters/],
    [
      'Task',
      { steps: [{}], mounts: [{ mountPath: '/a' }] },
      /a mount has either hostPath, secret or configMap/,
    ],
    ['TaskRun', { crontab: '@hourly' }, /^taskRef: /],
    ['TaskRun', { taskRef: 'a', concurrencyPolicy: 'Never' }, /^concurrencyPolicy: /],
    ['Pipeline', { tasks: [{ name: 'a' }] }, /^tasks\.0\.taskRef: /],
    ['PipelineRun', { pipelineRef: 'a', cluster: 'b' }, /"cluster"/],
    ['Host', { address: 'a', port: 70_000 }, /^port: /],
    ['Silence', { until: 'tomorrow' }, /^until: it has to be a time such as 2026-01-31T22:00:00Z/],
    ['Silence', { matchers: [{ name: 'a', value: 'b', op: '==' }] }, /^matchers\.0\.op: /],
    [
      'EventHooks',
      { type: 'webhook', subject: 'ops.>', dedup: { window: 'x' } },
      /^dedup\.window: it has to be a/,
    ],
    [
      'EventHooks',
      { type: 'webhook', subject: 'ops.>', secretRef: { name: 'a', keys: { b: 'c' } } },
      /^secretRef\.keys/,
    ],
    ['EventHooks', { type: 'webhook', subject: 'ops.>', filters: [{ exakt: {} }] }, /^filters\.0: /],
    ['Cluster', { server: 'https://a', tocken: 'b' }, /"tocken"/],
  ])('refuse a %s that is %j', (kind, spec, said) => {
    expect(problems(kind, spec)).toEqual([expect.stringMatching(said)])
  })
})
