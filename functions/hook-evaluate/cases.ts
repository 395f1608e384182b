import type { Turn } from '../../shared/counter-events.ts'
import type { OpsEvent } from '../../shared/event.ts'
import { passes } from '../../shared/filter.ts'
import type { CompiledHook } from '../../shared/hookset.ts'
import { viaOf } from '../../shared/lineage.ts'
import { readableText } from '../../shared/readable.ts'
import type { Silence } from '../../shared/silence.ts'
import { isDeletion } from './admission.ts'
import type { Extra } from './message.ts'
import type { Resolution } from './raised.ts'
import { requestOf } from './request.ts'
import type { Rules } from './rules.ts'
import type { Request, Verdict, Window } from './windows/windows.ts'

/** An event that has not been judged yet: under which key it is known, and what it says about troubles. */
export type Pending = { event: OpsEvent; key: string; at: number; turn?: Turn | undefined }

/** An event at a hook. It counts once as what it is and once as what becomes of it, so that the sums balance. */
export type Case = {
  hook: CompiledHook
  event: OpsEvent
  key: string
  turn?: Turn | undefined
  counts: 'matched' | 'notices'
  fate: Fate
}

/** What becomes of it; `asks` is for the windows to say. */
export type Fate =
  | { kind: 'goes'; extra?: Extra; owns?: string }
  | { kind: 'asks'; request: Request }
  | { kind: 'suspended' | 'threshold' }
  | { kind: 'silenced'; silence: Silence }
  | { kind: 'held'; window: Window; scheduled: boolean }
  | { kind: 'resolved'; resolution: Resolution }
  | { kind: 'told'; window: Window; extra: Extra }

/** Which silence, if any, keeps a hook from telling of an event. */
export type Silenced = (event: OpsEvent, hookId: string) => Silence | undefined

/** The hooks that an event fires by subject, keywords and filters, and what becomes of it at each without asking anybody. */
export function casesOf(
  pending: Pending,
  rules: Rules,
  silenced: Silenced | undefined,
  timeZone: string,
): Case[] {
  const { event } = pending
  const deletion = isDeletion(event)
  if (deletion && rules.deletions.size === 0) return []
  const { key, turn } = pending
  const via = viaOf(event)
  const cases: Case[] = []
  for (const { hook } of rules.engine.firing(event.subject ?? '', onceRead(event, timeZone))) {
    if (via.includes(hook.id) || (deletion && !rules.deletions.has(hook))) continue
    if (hook.filters && !passes(hook.filters, event)) continue
    cases.push({ event, key, turn, hook, counts: 'matched', fate: fateOf(hook) })
  }
  return cases

  function fateOf(hook: CompiledHook): Fate {
    const isControlled = rules.controlled.has(hook)
    if (isControlled && hook.suspend) return { kind: 'suspended' }
    const silence = silenced?.(event, hook.id)
    if (silence) return { kind: 'silenced', silence }
    const request = isControlled ? requestOf(hook, event, pending.key) : undefined
    return request ? { kind: 'asks', request } : { kind: 'goes' }
  }
}

/** The cases in which troubles are over take the place of those of the same hook, or stand beside the others. */
export function withResolutions(pending: Pending, cases: Case[], resolutions: Resolution[]): Case[] {
  const resolved = resolutions.map((resolution, at): Case => {
    const { hook } = resolution
    const { event, key, turn } = pending
    const isFirst = resolutions.findIndex(other => other.hook === hook) === at
    const counts = isFirst && cases.some(one => one.hook === hook) ? 'matched' : 'notices'
    return { event, key, turn, hook, counts, fate: { kind: 'resolved', resolution } }
  })
  return [...cases.filter(({ hook }) => !resolutions.some(one => one.hook === hook)), ...resolved]
}

/** The fate that a verdict of the windows is. */
export function fateBy(verdict: Verdict, request: Request): Fate {
  if (verdict.kind !== 'goes') return verdict
  const { held, since } = verdict
  const told = held > 0 ? { held, heldsince: new Date(since ?? 0).toISOString() } : {}
  return { kind: 'goes', extra: { told }, ...(request.dedup && { owns: request.dedup.key }) }
}

function onceRead(event: OpsEvent, timeZone: string): () => string {
  let text: string | undefined
  return () => {
    text ??= readableText(event, timeZone)
    return text
  }
}
