import type { ServerResponse } from 'node:http'
import { decodeHttp, modeOf } from './cloudevents-http.ts'
import { eventProblem, isEvent, type OpsEvent } from './event.ts'
import { answer, bodyOf, type Handler } from './host.ts'
import { isObject, parseJson } from './json.ts'
import { type BatchAnswer, drop, type Outcome, type Retry, resultOf, retry, statusOf } from './outcome.ts'
import { givenToken, sameToken, sha256, tokensIn } from './token.ts'

/** A batch of the bridge at most, with room for what it adds to the events. */
const mostBytes = 4 * 1024 * 1024

/**
 * A function that the bridge calls with events: one, in binary or structured mode, or a batch. `handle` says what
 * became of each, in their order; `token` may be several, of which the bridge knows one. A batch is answered
 * `200 {"results": […]}` and read row by row; a member that is no CloudEvent is dropped by its own row and costs the
 * others nothing. One `retry` instead of them all is about the
 * function, and none of the events: where nothing was attempted, the bridge keeps all of them where they are.
 */
export function eventFunction(about: {
  token: string
  handle: (events: OpsEvent[]) => Promise<Outcome[] | Retry>
}): Handler {
  const digests = tokensIn(about.token).map(sha256)
  return async (request, response) => {
    if (request.method !== 'POST')
      return refuse(response, 405, 'Only POST is answered here', { allow: 'POST' })
    const given = givenToken(request.headers.authorization) ?? ''
    // All of them, whichever is the right one, so that the time tells nothing.
    if (digests.filter(digest => sameToken(given, digest)).length === 0) {
      return refuse(response, 401, 'The token of the bridge is missing or wrong', {
        'www-authenticate': 'Bearer',
      })
    }
    const body = await bodyOf(request, mostBytes)
    if (!body) return refuse(response, 413, `The body is larger than ${mostBytes} bytes`)
    if (modeOf(request.headers) === 'batch') return answerBatch(response, body, about.handle)

    const decoded = decodeHttp(request.headers, body)
    if ('problem' in decoded)
      return refuse(response, decoded.status, `Cannot read the event: ${decoded.problem}`)
    const answered = await about.handle(decoded.events)
    const [outcome] = Array.isArray(answered) ? answered : [answered]
    if (!outcome) throw new Error('The function answered for no event')
    say(response, outcome)
  }
}

async function answerBatch(
  response: ServerResponse,
  body: Buffer,
  handle: (events: OpsEvent[]) => Promise<Outcome[] | Retry>,
): Promise<void> {
  const parsed = parseJson(body.toString('utf8'))
  if ('problem' in parsed) return refuse(response, 400, `Cannot read the batch: ${parsed.problem}`)
  if (!Array.isArray(parsed.value)) return refuse(response, 400, 'A batch is a JSON array of CloudEvents')
  const members = parsed.value.map(memberOf)
  const events = members.flatMap(member => ('event' in member ? [member.event] : []))
  const outcomes = await handle(events)
  if (!Array.isArray(outcomes)) return say(response, outcomes)
  if (outcomes.length !== events.length)
    throw new Error(`The function answered for ${outcomes.length} of ${events.length} events`)

  let next = 0
  const results = members.map(member => {
    if ('problem' in member) return resultOf(member, drop(`It is no CloudEvent: ${member.problem}`))
    return resultOf(member.event, outcomes[next++] ?? retry('The function did not answer for it'))
  })
  answer(response, 200, JSON.stringify({ results } satisfies BatchAnswer))
}

type Member = { event: OpsEvent } | { id: string; source: string; problem: string }

function memberOf(value: unknown): Member {
  if (isEvent(value)) return { event: value }
  return { ...namesOf(value), problem: eventProblem(value) ?? '' }
}

function namesOf(member: unknown): { id: string; source: string } {
  const named = isObject(member) ? member : {}
  return {
    id: typeof named.id === 'string' ? named.id : '',
    source: typeof named.source === 'string' ? named.source : '',
  }
}

function say(response: ServerResponse, outcome: Outcome): void {
  const status = statusOf(outcome)
  if (outcome.kind === 'done') return answer(response, status, '')
  const { after = undefined, attempted = true } = outcome.kind === 'retry' ? outcome : {}
  const head = after === undefined ? {} : { 'retry-after': String(Math.ceil(after / 1000)) }
  const body = { code: status, message: outcome.reason, ...(!attempted && { attempted }) }
  answer(response, status, JSON.stringify(body), head)
}

const refuse = (
  response: ServerResponse,
  status: number,
  message: string,
  head: Record<string, string> = {},
): void => answer(response, status, JSON.stringify({ code: status, message }), head)
