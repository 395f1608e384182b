import type { Place, Resource, Unreadable } from './documents.ts'
import { fieldName, type Problem } from './shape.ts'

/** A hook, a document or a file that is not in force as it is written. */
export type Refusal = {
  file: string
  document?: number
  /** `namespace/name`, where it can be told. */
  hook?: string
  problems: { line?: number; field?: string; problem: string }[]
  /** What stays in force instead, by id and revision. */
  kept: string[]
}

/** A refused resource. */
export function refusalOf(
  { file, document, placeOf }: Resource,
  { id, problems }: { id?: string; problems: Problem[] },
): Refusal {
  return {
    file,
    ...(document !== undefined && { document }),
    ...(id !== undefined && { hook: id }),
    problems: problems.map(({ path, problem }) => ({
      ...lineOf(placeOf(path)),
      ...(path.length > 0 && { field: fieldName(path) }),
      problem,
    })),
    kept: [],
  }
}

/** A file or a document that cannot be read. */
export const unreadable = ({ file, document, line, problem }: Unreadable): Refusal => ({
  file,
  ...(document !== undefined && { document }),
  problems: [{ ...(line !== undefined && { line }), problem }],
  kept: [],
})

/** The name of a hook that another one has already. */
export const takenBy = ({ file, document, placeOf }: Resource): Problem => {
  const path = ['metadata', 'name']
  const other =
    document === undefined ? `one in the ${file}` : `${file}:${placeOf(path).line}, document ${document},`
  return { path, problem: `it is taken: ${other} has the same namespace and name` }
}

const lineOf = ({ line }: Place) => (line === undefined ? {} : { line })
