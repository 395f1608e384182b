import type { SecretReason } from '../../shared/secret.ts'
import type { Place, Resource, Unreadable } from './documents.ts'
import type { Meant } from './judge.ts'
import { fieldName, type Problem } from './shape.ts'

/** A resource, a document or a file that is not in force as it is written. */
export type Refusal = {
  file: string
  document?: number
  /** `namespace/name`, where it can be told, of whatever it is; an object of ours says its kind too. */
  hook?: string
  silence?: string
  object?: string
  kind?: string
  /** Where it is not what is written that is wrong. */
  reason?: SecretReason
  problems: { line?: number; field?: string; problem: string }[]
  /** What stays in force instead, by id and revision. */
  kept: string[]
}

/** A refused resource. */
export function refusalOf(
  { file, document, placeOf }: Resource,
  {
    id,
    of = 'hook',
    reason,
    problems,
  }: { id?: string; of?: Meant; reason?: SecretReason; problems: Problem[] },
): Refusal {
  return {
    file,
    ...(document !== undefined && { document }),
    ...(id !== undefined && namedAs(of, id)),
    ...(reason !== undefined && { reason }),
    problems: problems.map(({ path, problem }) => ({
      ...lineOf(placeOf(path)),
      ...(path.length > 0 && { field: fieldName(path) }),
      problem,
    })),
    kept: [],
  }
}

const namedAs = (of: Meant, id: string) =>
  of === 'hook' || of === 'silence' ? { [of]: id } : { kind: of, object: id }

/** A file or a document that cannot be read. */
export const unreadable = ({ file, document, line, problem }: Unreadable): Refusal => ({
  file,
  ...(document !== undefined && { document }),
  problems: [{ ...(line !== undefined && { line }), problem }],
  kept: [],
})

/** The name of a resource that another one of the kind has already. */
export const takenBy = ({ file, document, placeOf }: Resource): Problem => {
  const path = ['metadata', 'name']
  const other =
    document === undefined ? `one in the ${file}` : `${file}:${placeOf(path).line}, document ${document},`
  return { path, problem: `it is taken: ${other} has the same namespace and name` }
}

const lineOf = ({ line }: Place) => (line === undefined ? {} : { line })
