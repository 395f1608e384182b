import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'

/** A line of the poster; `at` when it was posted first, `tries` how often. */
export const Posted = z.object({
  ...{ n: z.number(), matches: z.boolean(), accepted: z.boolean() },
  ...{ at: z.number(), tries: z.number() },
})

/** A line of the sink; `at` when it came. */
export const Received = z.object({
  ...{ n: z.number(), hook: z.string(), webhookId: z.string(), eventId: z.string(), at: z.number() },
})

/** Appends one line to a ledger; written before the call returns, so that a killed writer leaves whole lines. */
export const enter = (file: string, line: object): void => appendFileSync(file, `${JSON.stringify(line)}\n`)

/** All lines of a ledger. */
export function read<T>(file: string, parse: (line: unknown) => T): T[] {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean)
  return lines.map(line => parse(JSON.parse(line)))
}
