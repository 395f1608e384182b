import { apiVersion, type EventHooks } from '../../shared/hook.ts'
import { isObject } from '../../shared/json.ts'
import type { Resource } from './documents.ts'
import { nearest } from './nearest.ts'
import { type Problem, shapeOf } from './shape.ts'

/** What a resource is to us. `id` is `namespace/name`; a refused one may not have told it. */
export type Judgement =
  | { kind: 'hook'; id: string; hook: EventHooks }
  | { kind: 'refused'; id?: string; problems: Problem[] }
  | { kind: 'ignored'; what: string; ours: boolean }

const group = apiVersion.split('/', 1)[0]
const laterKinds = ['Task', 'TaskRun', 'Pipeline', 'PipelineRun', 'Host', 'Cluster']

/** A hook of the right shape, a hook or a likeness of one that is refused, or somebody else's resource. */
export function judge(resource: Resource): Judgement {
  const { value } = resource
  if (!isObject(value))
    return refused(
      value,
      [],
      'it is no resource: it has to be a map with apiVersion, kind, metadata and spec',
    )
  for (const field of ['apiVersion', 'kind']) {
    const word = value[field]
    if (typeof word !== 'string' || word === '')
      return refused(value, [field], `it is missing: a hook has apiVersion ${apiVersion} and kind EventHooks`)
  }
  const version = String(value.apiVersion)
  const kind = String(value.kind)
  if (kind === 'EventHooks')
    return version === apiVersion
      ? hookOf(resource)
      : refused(value, ['apiVersion'], `it is "${version}", it has to be ${apiVersion}`)
  if (version.split('/', 1)[0] !== group)
    return { kind: 'ignored', what: `${kind} of ${version}`, ours: false }
  if (laterKinds.includes(kind)) return { kind: 'ignored', what: `${kind} of ${version}`, ours: true }
  const meant = nearest(kind, ['EventHooks', ...laterKinds])
  return refused(
    value,
    ['kind'],
    `there is no kind "${kind}": ${meant ? `did you mean "${meant}"?` : 'a hook has kind EventHooks'}`,
  )
}

function hookOf({ value, placeOf }: Resource): Judgement {
  const shape = shapeOf(value, path => placeOf(path).source)
  if ('problems' in shape) return { kind: 'refused', ...named(value), problems: shape.problems }
  const { namespace, name } = shape.hook.metadata
  return { kind: 'hook', id: `${namespace}/${name}`, hook: shape.hook }
}

const refused = (value: unknown, path: PropertyKey[], problem: string): Judgement => ({
  kind: 'refused',
  ...named(value),
  problems: [{ path, problem }],
})

/** Which hook was meant, as far as that can be read off something that is no hook. */
function named(value: unknown): { id?: string } {
  if (!isObject(value) || !isObject(value.metadata)) return {}
  const { name, namespace = 'default' } = value.metadata
  if (typeof name !== 'string' || name === '' || typeof namespace !== 'string') return {}
  return { id: `${namespace}/${name}` }
}
