import { z } from 'zod'
import { apiVersion } from '../../../shared/hook.ts'
import { resources } from '../../../shared/resources.ts'
import { nameProblems } from '../sense.ts'
import { type Problem, type SourceOf, shapeOf } from '../shape.ts'
import type { ObjectKind, ObjectResource } from './kinds.ts'
import { pipelineProblems, taskProblems } from './sense.ts'

/** NATS takes a mebibyte, and the status of an object needs some of it. */
const mostBytes = 512 * 1024

type Shape = (value: unknown, sourceOf: SourceOf) => { read: ObjectResource } | { problems: Problem[] }

const texts = z.record(z.string(), z.string()).default({})
const metadata = z.object({
  name: z.string().min(1),
  namespace: z.string().min(1).default('default'),
  labels: texts,
  annotations: texts,
})

/** An object of ours of a document, or all that keeps it from being one. */
export const objectShapes = {
  Host: shapeFor('Host', resources.Host.spec),
  Cluster: shapeFor('Cluster', resources.Cluster.spec),
  Task: shapeFor('Task', resources.Task.spec, taskProblems),
  Pipeline: shapeFor('Pipeline', resources.Pipeline.spec, pipelineProblems),
  TaskRun: shapeFor('TaskRun', resources.TaskRun.spec),
  PipelineRun: shapeFor('PipelineRun', resources.PipelineRun.spec),
} satisfies Record<ObjectKind, Shape>

function shapeFor<T extends Record<string, unknown>>(
  kind: ObjectKind,
  spec: z.ZodType<T>,
  senseProblems: (spec: T) => Problem[] = () => [],
): Shape {
  const schema = z.object({ apiVersion: z.literal(apiVersion), kind: z.literal(kind), metadata, spec })
  return (value, sourceOf) => {
    const shape = shapeOf(schema, value, sourceOf)
    if ('problems' in shape) return shape
    const { read } = shape
    const problems = [...nameProblems(read.metadata), ...senseProblems(read.spec), ...sizeProblems(read.spec)]
    return problems.length > 0 ? { problems } : { read }
  }
}

function sizeProblems(spec: object): Problem[] {
  const bytes = Buffer.byteLength(JSON.stringify(spec))
  if (bytes <= mostBytes) return []
  return [{ path: ['spec'], problem: `it has ${bytes} bytes, at most ${mostBytes} are allowed` }]
}
