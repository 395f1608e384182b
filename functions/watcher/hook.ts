import type { EventHooks } from '../../shared/hook.ts'
import type { CompiledHook, Destination } from '../../shared/hookset.ts'
import type { Sealing } from './sealing.ts'
import { senseProblems } from './sense.ts'
import type { Problem } from './shape.ts'

/** A set lies in NATS in parts of half its payload limit, and a hook in one part. */
const mostBytes = 256 * 1024

/** The compiled form of a hook, `earlier` where that has the same spec; or all that keeps it from being honoured. */
export function compileHook(
  { metadata, spec }: Pick<EventHooks, 'metadata' | 'spec'>,
  { earlier, sealing }: { earlier: CompiledHook | undefined; sealing: Sealing },
): { hook: CompiledHook } | { problems: Problem[] } {
  const revision = sealing.revision(JSON.stringify(spec))
  if (earlier?.revision === revision) return { hook: earlier }
  const problems = senseProblems({ metadata, spec })
  if (problems.length > 0) return { problems }

  const id = `${metadata.namespace}/${metadata.name}`
  const { include = [], exclude = [], matchMode = 'ANY', matchType = 'CONTAINS' } = spec.keywords ?? {}
  const destination: Destination = { url: spec.url, options: spec.options, additional: spec.additional ?? '' }
  const hook: CompiledHook = {
    id,
    namespace: metadata.namespace,
    name: metadata.name,
    revision,
    type: spec.type,
    subject: spec.subject.toLowerCase(),
    include,
    exclude,
    matchMode,
    matchType,
    ...(spec.type === 'event' && { target: spec.url.toLowerCase() }),
    sealed: sealing.close(JSON.stringify(destination), id),
  }
  const bytes = Buffer.byteLength(JSON.stringify(hook))
  if (bytes <= mostBytes) return { hook }
  const problem = `it takes ${bytes} bytes compiled, at most ${mostBytes} are allowed`
  return { problems: [{ path: ['spec'], problem }] }
}
