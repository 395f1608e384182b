import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { Condition, type HookStatus } from '../../../shared/resources/hook-status.ts'
import type { Compiled } from '../compile.ts'
import type { Refusal } from '../refusal.ts'
import { clusterSource } from './hooks.ts'
import type { ClusterObject } from './object.ts'

/** What became of one generation of a hook: in force as it is written, or why not and what is instead. */
export type Verdict = { uid: string; generation: number; ready: boolean; message: string }

/** Kubernetes allows 32,768 characters in a message, people read fewer. */
const longest = 2_000

/** What compiling says of hooks of the cluster, by id. */
export function verdictsOf(objects: ClusterObject[], { placed, refused }: Compiled): Map<string, Verdict> {
  const inForce = new Map(placed.map(({ hook }) => [hook.id, hook.revision]))
  const refusals = new Map(
    refused.filter(({ file }) => file === clusterSource).map(refusal => [refusal.hook, refusal]),
  )
  const verdicts = new Map<string, Verdict>()
  for (const { id, metadata } of objects) {
    const { uid, generation } = metadata
    const revision = inForce.get(id)
    const refusal = refusals.get(id)
    const message = refusal ? refusedMessage(refusal, revision) : `Revision ${revision} is in force`
    verdicts.set(id, { uid, generation, ready: refusal === undefined, message })
  }
  return verdicts
}

function refusedMessage({ problems }: Refusal, revision: string | undefined): string {
  const why = problems.map(({ field, problem }) => (field ? `${field}: ${problem}` : problem)).join('; ')
  const instead = revision === undefined ? 'no revision is in force' : `revision ${revision} stays in force`
  return `${why.length > longest ? `${why.slice(0, longest - 1)}…` : why}; ${instead}`
}

const Present = z.object({
  observedGeneration: z.number().optional().catch(undefined),
  conditions: z.array(Condition).catch([]).default([]),
})

/** The status that a hook should have and does not: what to patch, or undefined. `now` in Unix ms. */
export function lackingStatus(
  { metadata, status }: ClusterObject,
  { uid, generation, ready, message }: Verdict,
  now: number,
): Pick<HookStatus, 'observedGeneration' | 'conditions'> | undefined {
  if (metadata.uid !== uid || metadata.generation !== generation) return undefined
  const present = Present.parse(status)
  const before = present.conditions.find(({ type }) => type === 'Ready')
  const state = ready ? 'True' : 'False'
  const wanted: Condition = {
    type: 'Ready',
    status: state,
    reason: ready ? 'InForce' : 'Refused',
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
