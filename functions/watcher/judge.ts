import { apiVersion, EventHooks } from '../../shared/hook.ts'
import { isObject } from '../../shared/json.ts'
import { nearest } from '../../shared/nearest.ts'
import { SilenceResource } from '../../shared/resources/silence.ts'
import type { Resource } from './documents.ts'
import { filterProblems } from './filters.ts'
import { type Problem, shapeOf } from './shape.ts'

/** What a resource is to us. `id` is `namespace/name`; a refused one may not have told it. */
export type Judgement =
  | { kind: 'hook'; id: string; hook: EventHooks }
  | { kind: 'silence'; id: string; silence: SilenceResource }
  | { kind: 'refused'; of: 'hook' | 'silence'; id?: string; problems: Problem[] }
  | { kind: 'ignored'; what: string; ours: boolean }

const group = apiVersion.split('/', 1)[0]
const laterKinds = ['Task', 'TaskRun', 'Pipeline', 'PipelineRun', 'Host', 'Cluster']
const kinds = ['EventHooks', 'Silence', ...laterKinds]

/** A hook or a silence of the right shape, or a likeness of one that is refused, or somebody else's resource. */
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
  if (kind === 'EventHooks' || kind === 'Silence') {
    if (version === apiVersion) return kind === 'Silence' ? silenceOf(resource) : hookOf(resource)
    return refused(value, ['apiVersion'], `it is "${version}", it has to be ${apiVersion}`)
  }
  if (version.split('/', 1)[0] !== group)
    return { kind: 'ignored', what: `${kind} of ${version}`, ours: false }
  if (laterKinds.includes(kind)) return { kind: 'ignored', what: `${kind} of ${version}`, ours: true }
  const meant = nearest(kind, kinds)
  return refused(
    value,
    ['kind'],
    `there is no kind "${kind}": ${meant ? `did you mean "${meant}"?` : 'a hook has kind EventHooks'}`,
  )
}

function hookOf({ value, placeOf }: Resource): Judgement {
  const sourceOf = (path: PropertyKey[]) => placeOf(path).source
  const spec = isObject(value) && isObject(value.spec) ? value.spec : undefined
  const wrong = filterProblems(spec?.filters, sourceOf)
  // The schema is not shown what it could not see through.
  const shown = wrong.length > 0 && isObject(value) ? { ...value, spec: { ...spec, filters: [] } } : value
  const shape = shapeOf(EventHooks, shown, sourceOf)
  const problems = [...('problems' in shape ? shape.problems : []), ...wrong]
  if ('problems' in shape || wrong.length > 0)
    return { kind: 'refused', of: 'hook', ...named(value), problems }
  return { kind: 'hook', id: idOf(shape.read), hook: shape.read }
}

function silenceOf({ value, placeOf }: Resource): Judgement {
  const shape = shapeOf(SilenceResource, value, path => placeOf(path).source)
  if ('problems' in shape)
    return { kind: 'refused', of: 'silence', ...named(value), problems: shape.problems }
  return { kind: 'silence', id: idOf(shape.read), silence: shape.read }
}

const idOf = ({ metadata: { namespace, name } }: { metadata: { namespace: string; name: string } }) =>
  `${namespace}/${name}`

/** Whether a resource is a silence, or is meant to be one: the rest is hooks'. */
export function isSilence(value: unknown): boolean {
  if (!isObject(value) || typeof value.kind !== 'string') return false
  // Most are this or that; the nearest word takes its time.
  if (value.kind === 'EventHooks' || value.kind === 'Silence') return value.kind === 'Silence'
  return nearest(value.kind, kinds) === 'Silence'
}

const refused = (value: unknown, path: PropertyKey[], problem: string): Judgement => ({
  kind: 'refused',
  of: isSilence(value) ? 'silence' : 'hook',
  ...named(value),
  problems: [{ path, problem }],
})

/** Which one was meant, as far as that can be read off something that is none. */
function named(value: unknown): { id?: string } {
  if (!isObject(value) || !isObject(value.metadata)) return {}
  const { name, namespace = 'default' } = value.metadata
  if (typeof name !== 'string' || name === '' || typeof namespace !== 'string') return {}
  return { id: `${namespace}/${name}` }
}
