import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { idOf } from '../../../shared/id.ts'
import { nearest } from '../../../shared/nearest.ts'
import type { Objects } from '../../../shared/objects.ts'
import { quoted, type Refusal } from '../../../shared/refusal.ts'
import { annotations, childName, labels, labelValue, type RunKind } from '../../../shared/runs.ts'
import { readBody } from '../read.ts'
import type { Call } from '../route.ts'
import { asked, type Holder } from './ask.ts'
import { type Run, refOf } from './run.ts'

/** What making a run needs: `random` is a whole number below another one. */
export type World = Holder & { random(below: number): number }

const text = z.string('it has to be a text')
const ref = text.min(1, 'it has to be a name')
const common = {
  variables: z.record(z.string(), text, 'it has to be an object of texts').default({}),
  desc: text.optional(),
}
/** What has to be said of a run. */
export const bodies = {
  TaskRun: z.strictObject({ taskRef: ref, ...common }),
  PipelineRun: z.strictObject({ pipelineRef: ref, ...common }),
}
type Spec = z.output<(typeof bodies)[RunKind]>

const runs = { TaskRun: 'Task', PipelineRun: 'Pipeline' } as const
const refLabels = { TaskRun: labels.taskRef, PipelineRun: labels.pipelineRef }
const mostNamed = 10

/** Makes the run that a call asks for: the same one however often it asks with one Idempotency-Key. */
export async function makeRun(kind: RunKind, call: Call, world: World): Promise<{ run: Run } | Refusal> {
  const read = readBody(bodies[kind], call.body)
  if ('status' in read) return read
  const spec = read.value
  const { namespace = '' } = call.params
  return asked(world, async objects => {
    const before = await madeBefore(objects, kind, call, spec)
    if (before) return before
    const missing = await notThere(objects, { kind, namespace, name: refOf(spec) })
    if (missing) return missing
    for (let tries = 0; tries < mostTries; tries++) {
      const run = await objects.create({
        kind,
        metadata: {
          namespace,
          name: nameOf(call, spec) ?? childName(refOf(spec), suffixOf(world)),
          labels: { [refLabels[kind]]: labelValue(refOf(spec)) },
          annotations: { [annotations.askedBy]: call.token.name },
        },
        spec,
      })
      if (run) return { run }
      // Whoever asked with the same key at the same time has made it.
      const other = await madeBefore(objects, kind, call, spec)
      if (other) return other
    }
    return { status: 503, message: `No name for a run of ${quoted(refOf(spec))} was free: ask again` }
  })
}

const mostTries = 5

/** Five letters and digits, as Kubernetes ends the names that it makes. */
const suffixOf = ({ random }: World) =>
  random(36 ** 5)
    .toString(36)
    .padStart(5, '0')

/** The name of a run that was asked for with a key. */
function nameOf({ token, params, key }: Call, spec: Spec): string | undefined {
  if (!key) return undefined
  const id = idOf('run', token.name, params.namespace ?? '', key).replaceAll('-', '')
  return childName(refOf(spec), id.slice(0, 12))
}

async function madeBefore(
  objects: Objects,
  kind: RunKind,
  call: Call,
  spec: Spec,
): Promise<{ run: Run } | Refusal | undefined> {
  const name = nameOf(call, spec)
  const run = name && (await objects.get(kind, call.params.namespace ?? '', name))
  if (!run) return undefined
  const { variables = {}, desc } = run.spec
  if (isDeepStrictEqual({ variables, desc }, { variables: spec.variables, desc: spec.desc })) return { run }
  return {
    status: 409,
    message: `Idempotency-Key ${quoted(call.key ?? '')} was given for ${kind} ${quoted(run.metadata.name)} already, with other variables or another desc: take another key for another run`,
  }
}

async function notThere(
  objects: Objects,
  { kind, namespace, name }: { kind: RunKind; namespace: string; name: string },
): Promise<Refusal | undefined> {
  const of = runs[kind]
  if (await objects.get(of, namespace, name)) return undefined
  const names = (await objects.list(of, { namespace })).map(({ metadata }) => metadata.name)
  const meant = nearest(name, names)
  const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : ''
  const all = names.length > 0 ? `there are ${names.slice(0, mostNamed).join(', ')}${more}` : 'there are none'
  const hint = meant ? `did you mean ${quoted(meant)}?` : all
  return {
    status: 404,
    message: `There is no ${of} ${quoted(name)} in namespace ${quoted(namespace)}: ${hint}`,
  }
}
