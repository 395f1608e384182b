import { durationOf } from '../../shared/duration.ts'
import type { EventHooks, HookSpec } from '../../shared/hook.ts'
import type { HookType } from '../../shared/hook-words.ts'
import type { CompiledHook, Destination } from '../../shared/hookset.ts'
import type { SecretReason } from '../../shared/secret.ts'
import type { Sealing } from './sealing.ts'
import { type SecretOf, withSecrets } from './secret-ref.ts'
import { senseProblems } from './sense.ts'
import type { Problem } from './shape.ts'
import type { TemplateCheck } from './template.ts'

/** What compiling asks of the world around it. */
export type CompileWorld = { sealing: Sealing; secretOf: SecretOf; templateProblem: TemplateCheck }

/** A hook, all that keeps it from being honoured, or that its Secret is not read yet. */
export type Made = { hook: CompiledHook } | { problems: Problem[]; reason?: SecretReason } | { waiting: true }

/** A set lies in NATS in parts of half its payload limit, and a hook in one part. */
const mostBytes = 256 * 1024

/** The compiled form of a hook; `earlier` where that has the same spec and the same secrets. */
export function compileHook(
  { metadata, spec: written }: Pick<EventHooks, 'metadata' | 'spec'>,
  { earlier, ...world }: CompileWorld & { earlier: CompiledHook | undefined },
): Made {
  const filled = withSecrets({ metadata, spec: written }, world.secretOf)
  if (!('spec' in filled)) return filled
  const { spec } = filled
  const revision = world.sealing.revision(JSON.stringify(spec))
  if (earlier?.revision === revision) return { hook: earlier }
  const problems = senseProblems({ metadata, spec }, world.templateProblem)
  if (problems.length > 0) return { problems }

  const id = `${metadata.namespace}/${metadata.name}`
  const hook: CompiledHook = {
    id,
    namespace: metadata.namespace,
    name: metadata.name,
    revision,
    ...matching(spec),
    ...quieting(spec),
    sealed: world.sealing.close(JSON.stringify(destinationOf(spec)), id),
  }
  const bytes = Buffer.byteLength(JSON.stringify(hook))
  if (bytes <= mostBytes) return { hook }
  const problem = `it takes ${bytes} bytes compiled, at most ${mostBytes} are allowed`
  return { problems: [{ path: ['spec'], problem }] }
}

function matching(spec: HookSpec) {
  const { include = [], exclude = [], matchMode = 'ANY', matchType = 'CONTAINS' } = spec.keywords ?? {}
  return {
    ...{ type: spec.type, subject: spec.subject.toLowerCase() },
    ...{ include, exclude, matchMode, matchType },
    ...(spec.type === 'event' && spec.url !== undefined && { target: spec.url.toLowerCase() }),
    ...(spec.filters && { filters: spec.filters }),
  }
}

function quieting({ type, dedup, threshold, storm, resolve, suspend }: HookSpec) {
  const limit = storm?.limit ?? unlessGiven[type]
  return {
    ...(dedup && { dedup: { ...dedup, window: durationOf(dedup.window) ?? 0 } }),
    ...(threshold && { threshold: { ...threshold, window: durationOf(threshold.window) ?? 0 } }),
    ...(limit > 0 && { stormLimit: limit }),
    ...(resolve && { resolve: true as const }),
    ...(suspend && { suspend: true as const }),
  }
}

/** So many notifications a minute people read; programs take them all. */
const people = 60
const unlessGiven = {
  xiezuo: people,
  slack: people,
  dingtalk: people,
  feishu: people,
  wecom: people,
  teams: people,
  discord: people,
  telegram: people,
  webhook: 0,
  event: 0,
  elasticsearch: 0,
  pagerduty: 0,
  alertmanager: 0,
  task: 0,
} satisfies Record<HookType, number>

const destinationOf = ({ url = '', options, additional = '', template }: HookSpec): Destination => ({
  url,
  options,
  additional,
  ...(template !== undefined && { template }),
})
