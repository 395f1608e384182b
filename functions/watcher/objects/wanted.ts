import type { Kept, Written } from '../../../shared/adapters/objects/applying.ts'
import { idOf } from '../../../shared/id.ts'
import { isObject } from '../../../shared/json.ts'
import type { Found, Resource } from '../documents.ts'
import { isOthers, judge, meantAs, named } from '../judge.ts'
import { type Refusal, refusalOf, takenBy } from '../refusal.ts'
import type { Problem } from '../shape.ts'
import { type ObjectKind, type ObjectResource, objectKinds, runsOnce } from './kinds.ts'

/** Annotations of an object that came from a folder: that it did, and from which of its files. */
export const marks = { from: 'ops/from', file: 'ops/file' } as const

/** An object as the folder wants it. One that runs once has another uid when its content is another. */
export type Wanted = {
  object: Written & { kind: ObjectKind }
  uid: string
  once: boolean
  resource: Resource
}

/** What the folder says of objects. */
export type FolderObjects = {
  /** In an order in which they can be made. */
  wanted: Wanted[]
  refused: Refusal[]
  /** Does the folder, as far as it can be read, still speak of this one that came from it? */
  speaksOf(object: Kept): boolean
}

/** Reads the objects out of what was found. A refused one, and all of a file that cannot be read, stay as they are. */
export function objectsIn(found: Found[]): FolderObjects {
  const names = new Map<string, Resource>()
  const loose = new Set<string>()
  const doubtful = new Set<string>()
  const wanted: Wanted[] = []
  const refused: Refusal[] = []

  for (const one of found) {
    if ('problem' in one) doubtful.add(one.file)
    else take(one)
  }
  wanted.sort((a, b) => objectKinds.indexOf(a.object.kind) - objectKinds.indexOf(b.object.kind))
  return {
    wanted,
    refused,
    speaksOf({ whole: { kind, metadata } }) {
      const id = `${metadata.namespace}/${metadata.name}`
      return (
        names.has(`${kind} ${id}`) || loose.has(id) || doubtful.has(metadata.annotations[marks.file] ?? '')
      )
    },
  }

  function take(resource: Resource): void {
    const { file, value } = resource
    const meant = meantAs(value)
    if (meant === 'silence') return
    if (meant === 'hook') return takeUnclear(resource)
    const judged = judge(resource)
    if (judged.kind !== 'object' && judged.kind !== 'refused') return
    const { id } = judged
    const name = id === undefined ? {} : { id }
    const refuse = (problems: Problem[]) =>
      void refused.push(refusalOf(resource, { of: meant, ...name, problems }))
    const first = names.get(`${meant} ${id}`)
    if (first) return refuse([takenBy(first)])
    if (id === undefined) doubtful.add(file)
    else names.set(`${meant} ${id}`, resource)
    if (judged.kind === 'object') return void wanted.push(wantedOf(judged.object, resource))
    // One kind may have been written and another one meant.
    if (id !== undefined) loose.add(id)
    refuse(judged.problems)
  }

  /** What is no hook may have been an object before somebody wrote into its kind. */
  function takeUnclear({ file, value }: Resource): void {
    if (!isObject(value) || value.kind === 'EventHooks' || isOthers(value)) return
    const { id } = named(value)
    if (id !== undefined) loose.add(id)
    else if (value.apiVersion !== undefined) doubtful.add(file)
  }
}

function wantedOf({ kind, metadata, spec }: ObjectResource, resource: Resource): Wanted {
  const { namespace, name, labels } = metadata
  const annotations = { ...metadata.annotations, [marks.from]: 'folder', [marks.file]: resource.file }
  const once = runsOnce({ kind, spec })
  // As it is written: a default that a later version of ours adds is no other content.
  const written = isObject(resource.value) ? resource.value.spec : undefined
  const content = once ? [canonical([written, labels, metadata.annotations])] : []
  return {
    object: { kind, metadata: { namespace, name, labels, annotations }, spec },
    uid: idOf('folder', kind, namespace, name, ...content),
    once,
    resource,
  }
}

/** JSON that is the same in whatever order the fields stand. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, field: unknown) =>
    isObject(field) ? Object.fromEntries(Object.entries(field).sort(([a], [b]) => (a < b ? -1 : 1))) : field,
  )
