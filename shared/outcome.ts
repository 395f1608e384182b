import { z } from 'zod'
import { Tally } from './tally.ts'

/**
 * What became of one event at one stage. `done`: the next stage holds the result. `drop`: trying again cannot help.
 * `retry`: it may help, not before `after` milliseconds where that is given; `attempted: false` says that nothing was
 * tried at all (an open circuit), so that it does not count as an attempt. `recalled`: it was done before, and what it
 * came to then is told again.
 */
export type Outcome =
  | { kind: 'done'; tally?: Tally; recalled?: true }
  | { kind: 'drop'; reason: string; code?: number; tally?: Tally }
  | { kind: 'retry'; reason: string; code?: number; after?: number; attempted?: false }

export type Retry = Extract<Outcome, { kind: 'retry' }>

export const done: Outcome = { kind: 'done' }
export const drop = (reason: string, code?: number): Outcome => ({
  kind: 'drop',
  reason,
  ...(code !== undefined && { code }),
})
export const retry = (
  reason: string,
  how: { code?: number | undefined; after?: number | undefined; attempted?: false } = {},
): Retry => ({
  kind: 'retry',
  reason,
  ...(how.code !== undefined && { code: how.code }),
  ...(how.after !== undefined && { after: how.after }),
  ...(how.attempted === false && { attempted: false }),
})

const again = new Set([404, 408, 409, 425, 429])

/**
 * How an HTTP answer is read (Knative's data plane contract: 404 is a pod becoming ready, 409 a twin at work).
 * `from` names who answered: a host, never a URL with its path.
 */
export function outcomeOfStatus(status: number, from: string, after?: number): Outcome {
  if (status >= 200 && status < 300) return done
  const reason = `${from} answered ${status}`
  if (status >= 500 || again.has(status)) return retry(reason, { code: status, after })
  return drop(reason, status)
}

/** The HTTP status by which a function of ours says it. */
export function statusOf(outcome: Outcome): number {
  switch (outcome.kind) {
    case 'done':
      return 200
    case 'drop':
      return 422
    case 'retry':
      return 503
  }
}

/** `Retry-After` in milliseconds from `now`, in seconds or as a date (RFC 9110, 10.2.3); undefined for anything else. */
export function retryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim()
  if (!text) return undefined
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1000
  const at = /^[A-Za-z]{3},? /.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}

/** The answer of our own functions to a batch: what became of each event, in the order of the batch. */
export const BatchAnswer = z.object({
  results: z.array(
    z.object({
      id: z.string(),
      source: z.string(),
      status: z.number().int(),
      reason: z.string().optional(),
      /** Seconds, as in the header. */
      retryAfter: z.number().nonnegative().optional(),
      attempted: z.literal(false).optional(),
      tally: Tally.optional(),
      recalled: z.literal(true).optional(),
    }),
  ),
})
export type BatchAnswer = z.infer<typeof BatchAnswer>
export type BatchResult = BatchAnswer['results'][number]

/** One row of a batch answer. */
export function resultOf(event: { id: string; source: string }, outcome: Outcome): BatchResult {
  const row = { id: event.id, source: event.source, status: statusOf(outcome) }
  const counted = outcome.kind !== 'retry' && outcome.tally ? { tally: outcome.tally } : {}
  if (outcome.kind === 'done')
    return { ...row, ...counted, ...(outcome.recalled && { recalled: true as const }) }
  if (outcome.kind === 'drop') return { ...row, reason: outcome.reason, ...counted }
  return {
    ...row,
    reason: outcome.reason,
    ...(outcome.after !== undefined && { retryAfter: outcome.after / 1000 }),
    ...(outcome.attempted === false && { attempted: false as const }),
  }
}

/** How one row of a batch answer is read; `from` names the function. */
export function outcomeOfResult(result: BatchResult, from: string): Outcome {
  const after = result.retryAfter === undefined ? undefined : Math.round(result.retryAfter * 1000)
  const read = outcomeOfStatus(result.status, from, after)
  const counted = result.tally ? { tally: result.tally } : {}
  if (read.kind === 'done')
    return result.tally
      ? { kind: 'done', ...counted, ...(result.recalled && { recalled: true as const }) }
      : read
  const reason = result.reason ?? read.reason
  return read.kind === 'drop'
    ? { ...drop(reason, result.status), ...counted }
    : retry(reason, { code: result.status, after, ...(result.attempted === false && { attempted: false }) })
}
