import { appendFileSync, existsSync, readFileSync } from 'node:fs'

/** Appends one line to a ledger; written before the call returns, so that a killed writer leaves whole lines. */
export const enter = (file: string, line: object): void => appendFileSync(file, `${JSON.stringify(line)}\n`)

/** All lines of a ledger. */
export function read<T>(file: string, parse: (line: unknown) => T): T[] {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean)
  return lines.map(line => parse(JSON.parse(line)))
}
