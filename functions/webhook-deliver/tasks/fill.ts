import { under } from '../../../shared/receivers/settings.ts'
import type { Starting } from './open.ts'

/** What a run is given. */
export type Given = { variables: Record<string, string>; desc?: string }

// A string of a process's environment has 128 KiB at most on Linux (MAX_ARG_STRLEN), its name included.
const mostBytes = 100 * 1024
const mostBytesInAll = 512 * 1024

/** What the templates of a hook make of an event; a value is data, whatever stands in it. */
export function givenBy({ task }: Starting, names: object): Given | { problem: string } {
  const made: Record<string, string> = {}
  let bytes = 0
  for (const [option, text] of task.texts) {
    const filled = text(names)
    if ('problem' in filled) return { problem: `options.${option} cannot be filled: ${filled.problem}` }
    // JSON in other languages has no halves of characters.
    const value = filled.text.toWellFormed()
    const length = Buffer.byteLength(value)
    bytes += length
    if (length > mostBytes)
      return {
        problem: `options.${option} makes ${length} bytes of this event, at most ${mostBytes} are allowed`,
      }
    made[option] = value
  }
  if (bytes > mostBytesInAll)
    return { problem: `Its variables have ${bytes} bytes together, at most ${mostBytesInAll} are allowed` }
  const { desc } = made
  return { variables: under(made, 'variables.'), ...(desc && { desc }) }
}
