import { type CompiledHook, Destination, type HookSet } from '../../shared/hookset.ts'
import { parseJson } from '../../shared/json.ts'
import { addressProblem } from './address.ts'
import type { Sink } from './sink.ts'
import { sinks } from './sinks.ts'

/** Where the deliveries of a hook go, and how. */
export type Opened = {
  hook: CompiledHook
  sink: Sink
  url: URL
  options: Record<string, string>
  additional: string
}

/**
 * Finds a hook of a set by its id and opens its seal, once for the set; or says why its deliveries go nowhere.
 * @throws Error where the seal does not open: then the key is at fault, not the delivery
 */
export function destinationsOf(
  set: HookSet,
  { open, loopback }: { open(sealed: string, about: string): string; loopback: boolean },
): (hookId: string) => Opened | { problem: string } {
  const hooks = new Map(set.hooks.map(hook => [hook.id, hook]))
  const known = new Map<string, Opened | { problem: string }>()
  return id => {
    const before = known.get(id)
    if (before) return before
    const hook = hooks.get(id)
    if (!hook) return { problem: `Hook "${id}" does not exist any more` }
    const opened = openedOf(hook)
    known.set(id, opened)
    return opened
  }

  function openedOf(hook: CompiledHook): Opened | { problem: string } {
    if (hook.type === 'event') return { problem: `Hook "${hook.id}" is of type event now and sends nothing` }
    const parsed = parseJson(open(hook.sealed, hook.id))
    const { url: text, options, additional } = Destination.parse('value' in parsed ? parsed.value : undefined)
    const url = URL.parse(text)
    // The text may hold a secret and is not shown.
    const problem = url ? addressProblem(url, loopback) : 'Its url is no URL'
    if (!url || problem) return { problem: `Hook "${hook.id}": ${problem}` }
    return { hook, sink: sinks[hook.type], url, options, additional }
  }
}
