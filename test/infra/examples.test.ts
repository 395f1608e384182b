import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { judge } from '../../functions/hook-evaluate/match.ts'
import type { OpsEvent } from '../../shared/event.ts'
import { HookSpec } from '../../shared/hook.ts'
import { readableText } from '../../shared/readable.ts'
import { TaskSpec } from '../../shared/resources/task.ts'
import { type Kind, resources } from '../../shared/resources.ts'

const folder = fileURLToPath(new URL('../../infra/examples/', import.meta.url))
const Document = z.object({
  apiVersion: z.literal('crd.chenshaowen.com/v1'),
  kind: z.custom<Kind>(kind => typeof kind === 'string' && kind in resources),
  metadata: z.object({ name: z.string(), namespace: z.string() }),
  spec: z.unknown(),
})
const objects = readdirSync(folder).flatMap(file =>
  parseAllDocuments(readFileSync(folder + file, 'utf8')).map(document => ({
    file,
    ...Document.parse(document.toJS()),
  })),
)
const specOf = (kind: Kind, name: string) =>
  objects.find(one => one.kind === kind && one.metadata.name === name)?.spec

it.each(objects)('$file has a $kind "$metadata.name" that can be read', ({ kind, spec }) => {
  expect(resources[kind].spec.safeParse(spec).error).toBeUndefined()
})

/** What the example check finds, as an event. */
function found(threshold: string): OpsEvent {
  const script = TaskSpec.parse(specOf('Task', 'check-disk')).steps[0]?.content ?? ''
  const env = { PATH: process.env.PATH, TASKRUN: 'check-disk-x7k2p', HOSTNAME: 'web-0', path: '/', threshold }
  const line = execFileSync('sh', ['-c', script], { env, encoding: 'utf8' }).split('\n')[1] ?? ''
  expect(line).toMatch(/^OPS_FINDING:/)
  return {
    specversion: '1.0',
    id: 'f',
    source: 's',
    type: 'TaskRunReport',
    data: z.record(z.string(), z.unknown()).parse(JSON.parse(line.slice(12))),
  }
}

it.each([
  ['0', true],
  ['101', false],
])('the check of disks with threshold %s makes the hooks fire: %s', (threshold, fires) => {
  for (const name of ['disks-alerting', 'disks-free-space']) {
    const { keywords } = HookSpec.parse(specOf('EventHooks', name))
    const { include = [], exclude = [], matchMode = 'ANY', matchType = 'CONTAINS' } = keywords ?? {}
    const text = readableText(found(threshold))
    expect(judge({ include, exclude, matchMode, matchType }, text).fires).toBe(fires)
  }
})
