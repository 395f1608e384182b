import { apiVersion, EventHooks } from '../../shared/hook.ts'
import { isObject } from '../../shared/json.ts'
import { nearest } from '../../shared/nearest.ts'
import { SilenceResource } from '../../shared/resources/silence.ts'
import type { Resource } from './documents.ts'
import { filterProblems } from './filters.ts'
import { isObjectKind, type ObjectKind, type ObjectResource, objectKinds } from './objects/kinds.ts'
import { objectShapes } from './objects/shape.ts'
import { type Problem, shapeOf } from './shape.ts'

/** What a resource of ours is, or what one that is refused was meant to be. */
export type Meant = 'hook' | 'silence' | ObjectKind

/** What a resource is to us. `id` is `namespace/name`; a refused one may not have told it. */
export type Judgement =
  | { kind: 'hook'; id: string; hook: EventHooks }
  | { kind: 'silence'; id: string; silence: SilenceResource }
  | { kind: 'object'; id: string; object: ObjectResource }
  | { kind: 'refused'; of: Meant; id?: string; problems: Problem[] }
  | { kind: 'ignored'; what: string }

const group = apiVersion.split('/', 1)[0]
const kinds = ['EventHooks', 'Silence', ...objectKinds]

/** A resource of ours of the right shape, or a likeness of one that is refused, or somebody else's. */
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
    return otherVersion(value, version)
  }
  if (version.split('/', 1)[0] !== group) return { kind: 'ignored', what: `${kind} of ${version}` }
  if (isObjectKind(kind))
    return version === apiVersion ? objectOf(kind, resource) : otherVersion(value, version)
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

function objectOf(kind: ObjectKind, { value, placeOf }: Resource): Judgement {
  const shape = objectShapes[kind](value, path => placeOf(path).source)
  if ('problems' in shape) return { kind: 'refused', of: kind, ...named(value), problems: shape.problems }
  return { kind: 'object', id: idOf(shape.read), object: shape.read }
}

const idOf = ({ metadata: { namespace, name } }: { metadata: { namespace: string; name: string } }) =>
  `${namespace}/${name}`

/** What a resource is, or is meant to be. What is nothing of ours is left to who takes in the hooks. */
export function meantAs(value: unknown): Meant {
  if (!isObject(value) || typeof value.kind !== 'string') return 'hook'
  // Most are this or that; the nearest word takes its time.
  const kind = kinds.includes(value.kind) ? value.kind : nearest(value.kind, kinds)
  if (kind === 'Silence') return 'silence'
  if (kind === undefined || !isObjectKind(kind)) return 'hook'
  // Others have a Task, a Pipeline and a Cluster too.
  return isOthers(value) ? 'hook' : kind
}

/** Is this a resource of somebody else, and no likeness of one of ours? */
export const isOthers = ({ apiVersion: version }: Record<string, unknown>): boolean =>
  typeof version === 'string' && version.split('/', 1)[0] !== group

const refused = (value: unknown, path: PropertyKey[], problem: string): Judgement => ({
  kind: 'refused',
  of: meantAs(value),
  ...named(value),
  problems: [{ path, problem }],
})

const otherVersion = (value: unknown, version: string) =>
  refused(value, ['apiVersion'], `it is "${version}", it has to be ${apiVersion}`)

/** Which one was meant, as far as that can be read off something that is none. */
export function named(value: unknown): { id?: string } {
  if (!isObject(value) || !isObject(value.metadata)) return {}
  const { name, namespace = 'default' } = value.metadata
  if (typeof name !== 'string' || name === '' || typeof namespace !== 'string') return {}
  return { id: `${namespace}/${name}` }
}
