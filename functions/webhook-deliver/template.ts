import { openLiquid } from '../../shared/liquid.ts'
import { messageOf } from '../../shared/log.ts'
import type { Shipment } from './sink.ts'

/** A hook's template, ready to be filled; or why it cannot be. */
export type Template = (context: Context) => { text: string } | { problem: string }

/** What a template can name. */
export type Context = Pick<
  Shipment,
  'event' | 'text' | 'title' | 'severity' | 'hook' | 'additional' | 'notice' | 'held' | 'link' | 'delivery'
> & {
  data: unknown
  fields: { label: string; value: string }[]
  /** `after` in words: `4m10s`. */
  resolved?: { from: string; to: string; after: string }
}

const mostCharacters = 65_536
/** So often in a row a template may take more than it is given: then it is not tried again, for all others wait. */
const mostExceeded = 3

/** Reads a template in Liquid, once for all deliveries of its hook. */
export async function templateOf(source: string, timeZone: string): Promise<Template> {
  const engine = await openLiquid(timeZone)
  const parsed = attempt(() => engine.parse(source))
  if ('problem' in parsed) return () => parsed
  let exceeded: { problem: string }[] = []
  return context => {
    const [last] = exceeded.slice(mostExceeded - 1)
    if (last) return last
    const made = attempt(() => String(engine.renderSync(parsed.value, context)))
    if ('problem' in made) {
      if (made.problem.includes('limit exceeded')) exceeded.push(made)
      return made
    }
    exceeded = []
    const text = made.value
    if (text.trim() === '') return { problem: 'it made an empty text' }
    if (text.length <= mostCharacters) return { text }
    return { problem: `it made ${text.length} characters, at most ${mostCharacters} are allowed` }
  }
}

function attempt<T>(work: () => T): { value: T } | { problem: string } {
  try {
    return { value: work() }
  } catch (error) {
    // It ends with the position: `undefined filter: nope, line:1, col:4`.
    return { problem: messageOf(error) }
  }
}
