import type { HttpAnswer } from '../../shared/adapters/http.ts'
import { drop, type Outcome, outcomeOfStatus, retryAfter } from '../../shared/outcome.ts'
import { percentDecoded } from '../../shared/path.ts'
import { longestAsked } from './circuit.ts'
import type { Went } from './circuits.ts'
import type { Sink } from './sink.ts'

/** To which request an answer came. `secrets`: texts that it may repeat and nobody shall read. */
export type Asked = { sink: Sink; url: URL; now: number; secrets?: string[] }

/** What an answer means for the delivery; the reason has the host and the beginning of what it said. */
export function outcomeOf(answer: HttpAnswer, from: Asked): Outcome {
  const { status } = answer
  const { host } = from.url
  if (status >= 300 && status < 400) {
    return drop(`${host} answered ${status}, and redirects are not followed`, status)
  }
  const asked = retryAfter(answer.retryAfter, from.now)
  const outcome = from.sink.verdict?.(answer) ?? outcomeOfStatus(status, host, asked)
  if (outcome.kind === 'done') return outcome
  const said = quoted(answer.body, from.url, from.secrets)
  return bounded(said === '' ? outcome : { ...outcome, reason: `${outcome.reason}: ${said}` })
}

/** An outcome with a wait that is not longer than anybody may ask for. */
export const bounded = (outcome: Outcome): Outcome =>
  outcome.kind === 'retry' && outcome.after !== undefined
    ? { ...outcome, after: Math.min(outcome.after, longestAsked) }
    : outcome

// Knative's contract gives these a second try, and they do not say that the receiver is in trouble.
const notInTrouble = new Set([404, 409, 425])

/** What an answer says about its receiver: whether it is in trouble, and for how long it wants to be left alone. */
export function wentOf(answer: HttpAnswer, outcomes: Outcome[]): Went {
  const [first] = outcomes
  const trouble = outcomes.every(({ kind }) => kind === 'retry') && !notInTrouble.has(answer.status)
  return first?.kind === 'retry' && trouble ? { late: false, after: first.after } : 'answered'
}

const mostQuoted = 200
const shortest = 4

/** The beginning of what a receiver said, on one line, without the parts of the URL and secrets that many repeat. */
export function quoted(body: string, url: URL, secrets: string[] = []): string {
  let said = body.slice(0, 4096)
  for (const secret of hidden([...secretsIn(url), ...secrets])) said = said.replaceAll(secret, '…')
  const line = said.replaceAll(/[^ -~\u00a0-\ufffc]+/g, ' ').trim()
  return line.length > mostQuoted ? `${line.slice(0, mostQuoted - 1)}…` : line
}

/** Longest first: a short one may be a part of it. */
const hidden = (secrets: string[]) =>
  secrets.filter(secret => secret.length >= shortest).sort((a, b) => b.length - a.length)

/** Everything behind the host may be one; in a robot's URL it often is the path itself. */
function secretsIn(url: URL): string[] {
  const whole = [url.pathname + url.search, url.pathname, url.search]
  const parts = [...url.pathname.split('/'), ...url.searchParams.values(), url.username, url.password]
  return [...whole, ...whole.map(decoded), ...parts, ...parts.map(decoded)]
}

const openOption = /^(format|index|mentions|severity|parse_?mode)$/i

/** The options of a hook whose values nobody shall read: all but those that are known to be none. */
export const secretsOf = (options: Record<string, string>): string[] =>
  Object.entries(options).flatMap(([name, value]) =>
    openOption.test(name) ? [] : [value, ...value.split(/[\s,]+/)],
  )

/** Percent-encoded text as it was meant, as it stands where it was not meant so. */
const decoded = (text: string) => percentDecoded(text) ?? text
