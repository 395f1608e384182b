import type { OpsEvent } from '../../shared/event.ts'
import { passes } from '../../shared/filter.ts'
import type { CompiledHook } from '../../shared/hookset.ts'
import { viaOf } from '../../shared/lineage.ts'
import type { Log } from '../../shared/log.ts'
import { readableText } from '../../shared/readable.ts'
import { subjectMatches } from '../../shared/subject.ts'
import { isDeletion } from './admission.ts'
import type { Case } from './cases.ts'
import type { Engine } from './engine.ts'
import type { Verdict } from './match.ts'
import { asksForDeletions } from './rules.ts'

/** Logs of each hook whose subject matches whether it fires by its keywords, and why. */
export function explain(
  event: OpsEvent,
  engine: Engine<CompiledHook>,
  { timeZone, log }: { timeZone: string; log: Log },
): void {
  const { id, subject = '' } = event
  for (const { hook, verdict } of engine.explain(subject, readableText(event, timeZone))) {
    if (!subjectMatches(hook.subject, subject)) continue
    log.debug({ id, subject, hook: hook.id, ...(hindrance(hook, event) ?? verdict) }, 'Judged')
  }
}

function hindrance(hook: CompiledHook, event: OpsEvent): Verdict | undefined {
  if (viaOf(event).includes(hook.id)) return { fires: false, because: 'it descends from this hook' }
  const { filters = [] } = hook
  if (!passes(filters, event)) return { fires: false, because: 'a filter does not hold' }
  return isDeletion(event) && !asksForDeletions(hook)
    ? { fires: false, because: 'it tells of a deletion, and no filter asks for data.operation' }
    : undefined
}

/** Logs what noise control makes of a hook that fires; nothing where it simply goes. */
export function explainFate({ hook, event, fate }: Case, log: Log): void {
  const because = fate.kind === 'held' ? `held by ${fate.window.kind}` : fate.kind
  if (because !== 'goes') log.debug({ id: event.id, subject: event.subject, hook: hook.id, because }, 'Noise')
}
