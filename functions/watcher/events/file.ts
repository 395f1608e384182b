import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { messageOf } from '../../../shared/log.ts'
import { Watched } from './filter.ts'

/** Reads a file that says what is watched. @throws Error naming each field that is not as it should be, and why */
export function readWatched(path: string): Watched {
  const read = Watched.safeParse(parsed(path) ?? {})
  if (read.success) return read.data
  const problems = read.error.issues.map(({ path: field, message }) =>
    [fieldOf(field), message].filter(part => part !== '').join(': '),
  )
  throw new Error(`Cannot use "${path}": ${problems.join('; ')}`)
}

function parsed(path: string): unknown {
  try {
    return parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new Error(`Cannot read "${path}": ${messageOf(error)}`, { cause: error })
  }
}

// drop, 0, reason -> drop[0].reason
const fieldOf = (path: PropertyKey[]): string =>
  path
    .map(part => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '')
