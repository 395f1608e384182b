import { isObject, jsonAs, parseJson } from '../../shared/json.ts'
import {
  BatchAnswer,
  drop,
  type Outcome,
  outcomeOfResult,
  outcomeOfStatus,
  retry,
} from '../../shared/outcome.ts'
import { isIdOf } from './events.ts'
import type { Item } from './item.ts'
import { type Trigger, urlOf } from './triggers.ts'

/**
 * What a request brought. `each`: a verdict on every event, `judged` where the sink itself gave them one by one. `whole`: one for all, that says nothing about any of
 * them. `broken`: the trigger is, and its events are not to blame.
 */
export type Sent =
  | { kind: 'each'; outcomes: Outcome[]; judged?: true }
  | { kind: 'whole'; outcome: Outcome; suspect: Suspect }
  | { kind: 'broken'; reason: string }

/** Whether one of the events may have spoilt the request: surely to be looked for, only when it goes on, or never. */
export type Suspect = 'now' | 'later' | 'never'

/** What came back, or who stayed silent, and whether that was before anything was sent. */
export type Answered =
  | { status: number; body: string; after?: number | undefined }
  | { silent: string; unreached: boolean }

const brokenTrigger = new Set([401, 403, 405])
/** Answers by which a sink asks for patience: all events of the request wait, none of them is suspected yet. */
const patience = new Set([404, 408, 409, 425, 429, 503])

/**
 * What is said before a function of ours has heard of a request: by Knative's proxies (pkg/queue/breaker.go), OpenFaaS'
 * provider (proxy/proxy.go) and its watchdog (concurrency_limiter.go). All else they say may follow a crash as well.
 */
const turnedAway = [
  /^pending request queue full\s*$/,
  /^No endpoints available for: \S+\.\s*$/,
  /^Concurrent request limit exceeded\. Max concurrent requests: \d+\s*$/,
]

/** How an answer to a request with these events is read (design section 6). */
export function readAnswer(trigger: Trigger, items: Item[], answer: Answered): Sent {
  const { host } = urlOf(trigger)
  // Who judges judges row by row: nothing else that a function of ours or its gateway says is a verdict on many.
  const uncounted = trigger.own ? { attempted: false as const } : {}
  if ('silent' in answer) {
    if (!answer.unreached) return one(items, retry(answer.silent), 'now')
    const outcome = retry(answer.silent, uncounted)
    // Nobody was there at all: no event is to blame, and for a function of ours it does not count.
    return trigger.own ? { kind: 'whole', outcome, suspect: 'never' } : one(items, outcome, 'never')
  }
  if (trigger.own && brokenTrigger.has(answer.status))
    return { kind: 'broken', reason: `${host} answered ${answer.status}: ${saidIn(answer.body).message}` }
  if (trigger.batch > 1 && answer.status === 200) {
    const results = rowsOf(answer.body)
    if (results) return readRows(items, results, host)
    // Taking this for a yes could lose every event of the batch.
    if (trigger.own) return one(items, retry(`${host} answered 200 without its verdicts`), 'now')
  }
  const said = saidIn(answer.body)
  const read = withMessage(outcomeOfStatus(answer.status, host, answer.after), said.message)
  const outcome = trigger.own && read.kind === 'retry' && said.untried ? { ...read, ...uncounted } : read
  if (outcome.kind === 'done') return { kind: 'each', outcomes: items.map(() => outcome) }
  // It says of itself that it can do nothing now: no event is to blame, however long that lasts.
  if (trigger.own && trigger.batch > 1 && said.untried && outcome.kind === 'retry')
    return { kind: 'whole', outcome, suspect: 'never' }
  if (!patience.has(answer.status)) return one(items, outcome, 'now')
  return one(items, items.length > 1 ? { ...outcome, ...uncounted } : outcome, 'later')
}

function readRows(items: Item[], results: BatchAnswer['results'], host: string): Sent {
  if (results.length !== items.length) {
    const problem = `${host} answered for ${results.length} of ${items.length} events`
    return items.length === 1
      ? { kind: 'each', outcomes: [drop(`${problem}: what was sent is not one CloudEvent`)] }
      : { kind: 'whole', outcome: retry(problem), suspect: 'now' }
  }
  // Broken JSON of one event can swallow its neighbour and make up the number.
  const strange = results.find((row, at) => items[at] && items.length > 1 && !isIdOf(items[at], row.id))
  if (strange) {
    const outcome = retry(`${host} answered for an event "${strange.id}" that was not there`)
    return { kind: 'whole', outcome, suspect: 'now' }
  }
  return { kind: 'each', outcomes: results.map(row => outcomeOfResult(row, host)), judged: true }
}

/** A verdict where there is one event only. */
const one = (items: Item[], outcome: Outcome, suspect: Suspect): Sent =>
  items.length === 1 ? { kind: 'each', outcomes: [outcome] } : { kind: 'whole', outcome, suspect }

const rowsOf = (body: string): BatchAnswer['results'] | undefined => jsonAs(BatchAnswer, body)?.results

function withMessage(outcome: Outcome, message: string): Outcome {
  if (outcome.kind === 'done' || message === '') return outcome
  return { ...outcome, reason: `${outcome.reason}: ${message}` }
}

/** What the body of a refusal says, and whether nothing was tried, as functions of ours and their gateways tell it. */
function saidIn(body: string): { message: string; untried: boolean } {
  const parsed = parseJson(body)
  const value = 'value' in parsed ? parsed.value : undefined
  if (!isObject(value))
    return { message: body.slice(0, 200), untried: turnedAway.some(said => said.test(body)) }
  const message = typeof value.message === 'string' ? value.message : body.slice(0, 200)
  return { message, untried: value.attempted === false }
}
