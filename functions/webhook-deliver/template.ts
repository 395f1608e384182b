import { openLiquid } from '../../shared/liquid.ts'
import { messageOf } from '../../shared/log.ts'
import type { Shipment } from './sink.ts'

/** A text in Liquid, ready to be filled; or why it cannot be. */
export type Filling = (context: object) => { text: string } | { problem: string }

/** A hook's template, which makes a text that can be sent. */
export type Template = (context: Context) => ReturnType<Filling>

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
  const fill = await fillingOf(source, timeZone)
  return context => {
    const made = fill(context)
    if ('problem' in made) return made
    const { text } = made
    if (text.trim() === '') return { problem: 'it made an empty text' }
    if (text.length <= mostCharacters) return made
    return { problem: `it made ${text.length} characters, at most ${mostCharacters} are allowed` }
  }
}

/** Reads a text in Liquid, which may make anything. */
export async function fillingOf(source: string, timeZone: string): Promise<Filling> {
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
    return { text: made.value }
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
