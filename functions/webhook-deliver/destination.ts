import { type CompiledHook, Destination, type HookSet } from '../../shared/hookset.ts'
import { parseJson } from '../../shared/json.ts'
import { sentenceOf } from '../../shared/receivers/settings.ts'
import { type ReceiverType, readSettings, receivers, type SinkType } from '../../shared/receivers.ts'
import type { Sink } from './sink.ts'
import { sinks } from './sinks.ts'
import type { Starting } from './tasks/open.ts'
import { type Template, templateOf } from './template.ts'

/** Where the deliveries of a hook go, and how. */
export type Opened = {
  hook: CompiledHook
  sink: Sink
  url: URL
  options: Record<string, string>
  additional: string
  template?: Template
  /** What its options put into the head of every request, and sign it with. */
  headers: Record<string, string>
  keys: Buffer[]
}

type Found = Opened | Starting | { problem: string }

/**
 * Finds a hook of a set by its id and opens its seal, once for the set; or says why its deliveries go nowhere.
 * @throws Error where the seal does not open: then the key is at fault, not the delivery
 */
export function destinationsOf(
  set: HookSet,
  world: {
    open(sealed: string, about: string): string
    urlProblem(url: URL): string | undefined
    timeZone: string
  },
): (hookId: string) => Promise<Found> {
  const hooks = new Map(set.hooks.map(hook => [hook.id, hook]))
  const known = new Map<string, Promise<Found>>()
  return id => {
    const before = known.get(id)
    if (before) return before
    const finding = find(id)
    known.set(id, finding)
    finding.catch(() => known.delete(id))
    return finding
  }

  async function find(id: string): Promise<Found> {
    const hook = hooks.get(id)
    if (!hook) return { problem: `Hook "${id}" does not exist any more` }
    if (hook.type === 'event') return { problem: `Hook "${id}" is of type event now and sends nothing` }
    const opened = await openedOf(hook, hook.type)
    return 'problem' in opened ? { problem: `Hook "${id}": ${opened.problem}` } : opened
  }

  async function openedOf(hook: CompiledHook, type: ReceiverType): Promise<Found> {
    const parsed = parseJson(world.open(hook.sealed, hook.id))
    const destination = Destination.parse('value' in parsed ? parsed.value : undefined)
    return type === 'task' ? startingOf(hook, destination) : addressedOf(hook, type, destination)
  }

  async function startingOf(hook: CompiledHook, destination: Destination): Promise<Found> {
    const read = readSettings('task', { url: undefined, options: destination.options })
    if ('flaws' in read) return { problem: read.flaws.map(sentenceOf).join('; ') }
    // Few installations have such a hook, and all of them have cold starts.
    const { openTask } = await import('./tasks/open.ts')
    return openTask(hook, destination, world.timeZone)
  }

  async function addressedOf(hook: CompiledHook, type: SinkType, destination: Destination): Promise<Found> {
    const { options, additional, template } = destination
    const url = destination.url === '' ? (receivers[type].home ?? null) : URL.parse(destination.url)
    // The text may hold a secret and is not shown.
    if (!url) return { problem: 'Its url is no URL' }
    const problem = world.urlProblem(url)
    if (problem) return { problem }
    // The watcher has asked the same; what is flawed all the same was put in force by another version of it.
    const read = readSettings(type, { url, options })
    if ('flaws' in read) return { problem: read.flaws.map(sentenceOf).join('; ') }
    return {
      hook,
      sink: sinks[type],
      url,
      options,
      additional,
      ...(template !== undefined && { template: await templateOf(template, world.timeZone) }),
      ...read,
    }
  }
}
