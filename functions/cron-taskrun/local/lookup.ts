import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Why this program cannot be run by that PATH; undefined where it can. */
export function whyNotThere(program: string, path: string): string | undefined {
  const tried = program.includes('/')
    ? [program]
    : path.split(delimiter).map(folder => join(folder || '.', program))
  const files = tried.filter(file => statSync(file, { throwIfNoEntry: false })?.isFile())
  if (files.some(mayRun)) return undefined
  return files[0] === undefined ? `there is no ${program} here` : `${files[0]} is not executable`
}

function mayRun(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
