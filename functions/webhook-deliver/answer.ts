import type { HttpAnswer } from '../../shared/adapters/http.ts'
import { drop, type Outcome, outcomeOfStatus, retryAfter } from '../../shared/outcome.ts'
import type { Sink } from './sink.ts'

/** What an answer means for the delivery; the reason has the host and the beginning of what it said. */
export function outcomeOf(answer: HttpAnswer, from: { sink: Sink; url: URL; now: number }): Outcome {
  const { status } = answer
  const { host } = from.url
  if (status >= 300 && status < 400) {
    return drop(`${host} answered ${status}, and redirects are not followed`, status)
  }
  const outcome =
    from.sink.verdict?.(answer) ?? outcomeOfStatus(status, host, retryAfter(answer.retryAfter, from.now))
  if (outcome.kind === 'done') return outcome
  const said = quoted(answer.body, from.url)
  return said === '' ? outcome : { ...outcome, reason: `${outcome.reason}: ${said}` }
}

const mostQuoted = 200
const shortest = 4

/** The beginning of what a receiver said, on one line, without the parts of the URL that many of them repeat. */
export function quoted(body: string, url: URL): string {
  let said = body.slice(0, 4096)
  for (const secret of secretsIn(url)) said = said.replaceAll(secret, '…')
  const line = said.replaceAll(/[^ -~\u00a0-\ufffc]+/g, ' ').trim()
  return line.length > mostQuoted ? `${line.slice(0, mostQuoted - 1)}…` : line
}

/** Everything behind the host may be one, longest first; in a robot's URL it often is the path itself. */
function secretsIn(url: URL): string[] {
  const whole = [url.pathname + url.search, url.pathname, url.search]
  const parts = [...url.pathname.split('/'), ...url.searchParams.values(), url.username, url.password]
  return [...whole, ...whole.map(decoded), ...parts, ...parts.map(decoded)]
    .filter(part => part.length >= shortest)
    .sort((a, b) => b.length - a.length)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A lone percent sign: as it stands.
    return text
  }
}
