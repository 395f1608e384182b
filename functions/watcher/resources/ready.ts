import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { ClusterObject } from '../../../shared/changes.ts'
import { Condition, type HookStatus } from '../../../shared/resources/hook-status.ts'
import type { Compiled } from '../compile.ts'
import type { Refusal } from '../refusal.ts'
import type { Silences } from '../silences.ts'
import { clusterSource } from './hooks.ts'

/** What became of one generation of a resource: in force as it is written, or why not and what is instead. */
export type Verdict = { uid: string; generation: number; ready: boolean; reason: string; message: string }

/** Kubernetes allows 32,768 characters in a message, people read fewer. */
const longest = 2_000

/** What compiling says of hooks of the cluster, by id; nothing of those whose Secrets are not read yet. */
export function verdictsOf(
  objects: ClusterObject[],
  { placed, refused, circles, waiting }: Compiled,
): Map<string, Verdict> {
  const inForce = new Map(placed.map(({ hook }) => [hook.id, hook.revision]))
  const refusals = refusalsOf(refused, ({ hook }) => hook)
  const odd = new Map(circles.map(({ hook, problem }) => [hook, `, but ${problem}`]))
  const unknown = new Set(waiting)
  return new Map(
    objects
      .filter(({ id }) => !unknown.has(id))
      .map(object => {
        const revision = inForce.get(object.id)
        const instead =
          revision === undefined ? 'no revision is in force' : `revision ${revision} stays in force`
        const fine = `Revision ${revision} is in force${odd.get(object.id) ?? ''}`
        return [object.id, verdictOn(object, refusals.get(object.id), { fine, instead })]
      }),
  )
}

/** The same of silences. */
export function silenceVerdicts(
  objects: ClusterObject[],
  { placed, refused }: Silences,
): Map<string, Verdict> {
  const known = new Set(placed.map(({ silence }) => silence.id))
  const refusals = refusalsOf(refused, ({ silence }) => silence)
  return new Map(
    objects.map(object => {
      const instead = known.has(object.id) ? 'it stays as it was before' : 'it silences nothing'
      return [object.id, verdictOn(object, refusals.get(object.id), { fine: 'It is taken in', instead })]
    }),
  )
}

const refusalsOf = (refused: Refusal[], idOf: (refusal: Refusal) => string | undefined) =>
  new Map(refused.filter(({ file }) => file === clusterSource).map(refusal => [idOf(refusal) ?? '', refusal]))

function verdictOn(
  { metadata: { uid, generation } }: ClusterObject,
  refusal: Refusal | undefined,
  { fine, instead }: { fine: string; instead: string },
): Verdict {
  if (!refusal) return { uid, generation, ready: true, reason: 'InForce', message: fine }
  const { problems, reason = 'Refused' } = refusal
  const why = problems.map(({ field, problem }) => (field ? `${field}: ${problem}` : problem)).join('; ')
  const message = `${why.length > longest ? `${why.slice(0, longest - 1)}…` : why}; ${instead}`
  return { uid, generation, ready: false, reason, message }
}

const Present = z.object({
  observedGeneration: z.number().optional().catch(undefined),
  conditions: z.array(Condition).catch([]).default([]),
})

/** The status that a resource should have and does not: what to patch, or undefined. `now` in Unix ms. */
export function lackingStatus(
  { metadata, status }: ClusterObject,
  { uid, generation, ready, reason, message }: Verdict,
  now: number,
): Pick<HookStatus, 'observedGeneration' | 'conditions'> | undefined {
  if (metadata.uid !== uid || metadata.generation !== generation) return undefined
  const present = Present.parse(status)
  const before = present.conditions.find(({ type }) => type === 'Ready')
  const state = ready ? 'True' : 'False'
  const wanted: Condition = {
    type: 'Ready',
    status: state,
    reason,
    message,
    observedGeneration: generation,
    // Since when it is ready or not, not since when for this reason.
    lastTransitionTime:
      before?.status === state ? before.lastTransitionTime : `${new Date(now).toISOString().slice(0, 19)}Z`,
  }
  if (present.observedGeneration === generation && isDeepStrictEqual(before, wanted)) return undefined
  const others = present.conditions.filter(({ type }) => type !== 'Ready')
  return { observedGeneration: generation, conditions: [...others, wanted] }
}
