import { z } from 'zod'
import { isObject } from '../../json.ts'
import { Metadata, type Stored, UnreadableObject } from '../../objects.ts'
import { type Kind, resources } from '../../resources.ts'

type Shape<K extends Kind> = z.ZodType<Omit<Stored<K>, 'kind'>>
type Parts<K extends Kind> = { spec: z.ZodType<Stored<K>['spec']>; status: z.ZodType<Stored<K>['status']> }

const shapeOf = <K extends Kind>({ spec, status }: Parts<K>): Shape<K> =>
  z.object({ metadata: Metadata, spec, status })

// Made once: a schema is compiled when it first reads, which takes longer than reading with it.
const shapes: { [K in Kind]: Shape<K> } = {
  EventHooks: shapeOf<'EventHooks'>(resources.EventHooks),
  Silence: shapeOf<'Silence'>(resources.Silence),
  Task: shapeOf<'Task'>(resources.Task),
  TaskRun: shapeOf<'TaskRun'>(resources.TaskRun),
  Pipeline: shapeOf<'Pipeline'>(resources.Pipeline),
  PipelineRun: shapeOf<'PipelineRun'>(resources.PipelineRun),
  Host: shapeOf<'Host'>(resources.Host),
  Cluster: shapeOf<'Cluster'>(resources.Cluster),
}

/** An object as the API server answers it, or as it lies in KV. @throws UnreadableObject when it is not as its schema has it */
export function storedOf<K extends Kind>(kind: K, value: unknown): Stored<K> {
  const shape: Shape<K> = shapes[kind]
  const read = shape.safeParse(withStatus(value))
  if (read.success) return { kind, ...read.data }
  const problems = problemsOf(read.error)
  throw new UnreadableObject(`${kind} "${nameOf(value)}" is not as its schema has it: ${problems}`)
}

/** The same; undefined when it is not as its schema has it. */
export function storedOr<K extends Kind>(kind: K, value: unknown): Stored<K> | undefined {
  try {
    return storedOf(kind, value)
  } catch (error) {
    if (error instanceof UnreadableObject) return undefined
    throw error
  }
}

/** A spec as its schema reads it, with its defaults; or what is wrong with it. */
export function specOf(kind: Kind, value: unknown): { spec: Record<string, unknown> } | { problem: string } {
  const read = resources[kind].spec.safeParse(value)
  return read.success ? { spec: read.data } : { problem: problemsOf(read.error, ['spec']) }
}

/** In order of namespace and name. */
export const inOrder = <K extends Kind>(objects: Stored<K>[]): Stored<K>[] =>
  objects.sort(({ metadata: a }, { metadata: b }) =>
    a.namespace === b.namespace ? order(a.name, b.name) : order(a.namespace, b.namespace),
  )

const order = (a: string, b: string) => (a < b ? -1 : 1)

const withStatus = (value: unknown) =>
  isObject(value) && value.status === undefined ? { ...value, status: {} } : value

function nameOf(value: unknown): string {
  const metadata = isObject(value) && isObject(value.metadata) ? value.metadata : {}
  return `${String(metadata.namespace)}/${String(metadata.name)}`
}

const problemsOf = ({ issues }: z.ZodError, parent: string[] = []) =>
  issues.map(({ path, message }) => `${[...parent, ...path].join('.')}: ${message}`).join('; ')
