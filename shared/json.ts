import type { z } from 'zod'

/** Deeper nesting than any event of ours; from a few thousand on JSON.stringify overflows the stack. */
export const maxDepth = 64
// Room for what we put around what was taken in: the event, the batch.
const ownDepth = maxDepth + 8

/** What a text holds, or why it holds no JSON that may go on. */
export type Parsed = { value: unknown } | { problem: string }

/**
 * Parses JSON of strangers: refuses nesting deeper than `deepest` before parsing, and keeps integers that a
 * double cannot hold as they were written, so that what goes on the bus is what was sent. Where events come in,
 * `deepest` is `maxDepth`; past that door it is a little more, so that what was taken once is not refused later.
 */
export function parseJson(text: string, deepest = ownDepth): Parsed {
  const problem = depthProblem(text, deepest)
  if (problem) return { problem }
  try {
    return { value: longDigits.test(text) ? JSON.parse(text, exactNumbers) : JSON.parse(text) }
  } catch (error) {
    return { problem: `it is not JSON: ${error instanceof Error ? error.message : String(error)}` }
  }
}

/** What a text holds, where it is JSON of this form. */
export function jsonAs<T>(form: z.ZodType<T>, text: string): T | undefined {
  const parsed = parseJson(text)
  return 'value' in parsed ? form.safeParse(parsed.value).data : undefined
}

/** Is this a JSON object, and neither an array, nor null, nor a number that is kept as it was written? */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isRaw(value)

const longDigits = /\d{16}/

// The reviver's context (the number as it was written) is in Node 24 and not yet in TypeScript's library.
function exactNumbers(this: unknown, _key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || context?.source === undefined) return value
  return String(value) === context.source ? value : rawJson(context.source, value)
}

function rawJson(source: string, otherwise: unknown): unknown {
  return 'rawJSON' in JSON && typeof JSON.rawJSON === 'function' ? JSON.rawJSON(source) : otherwise
}

/** Is it a number that is kept as it was written? */
export const isRaw = (value: unknown): boolean =>
  'isRawJSON' in JSON && typeof JSON.isRawJSON === 'function' && JSON.isRawJSON(value)

function depthProblem(text: string, deepest: number): string | undefined {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) at = endOfString(text, at)
    else if (code === openBrace || code === openBracket) {
      depth++
      if (depth > deepest) return `it is nested deeper than ${deepest} levels`
    } else if (code === closeBrace || code === closeBracket) depth--
  }
  return undefined
}

// Most of a text is inside of strings, and indexOf goes through them many times faster than a loop.
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end < 0 ? text.length : end
}

function isEscaped(text: string, at: number): boolean {
  let first = at
  while (text.charCodeAt(first - 1) === backslash) first--
  return (at - first) % 2 === 1
}

const quote = 0x22
const backslash = 0x5c
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d
