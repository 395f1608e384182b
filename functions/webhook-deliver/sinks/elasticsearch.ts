import type { HttpAnswer } from '../../../shared/adapters/http.ts'
import { oneLine } from '../../../shared/clean.ts'
import { isObject } from '../../../shared/json.ts'
import { done, drop, type Outcome, outcomeOfStatus, retry } from '../../../shared/outcome.ts'
import { targetOf } from '../../../shared/receivers/index-name.ts'
import { sentenceOf } from '../../../shared/receivers/settings.ts'
import { cut } from '../markup/cut.ts'
import type { Shipment, Sink, SinkRequest } from '../sink.ts'
import { documentOf } from './document.ts'
import { parsed } from './json.ts'

/**
 * Elasticsearch and OpenSearch ("Bulk API"): each delivery is one document, created under the delivery's id, so that
 * a repeat makes no second one. A data stream takes them too.
 */
export const elasticsearch: Sink = {
  request: shipment => bulk([shipment]),
  many: { request: bulk, verdicts: verdictsOf },
  verdict: answer => (isYes(answer) ? verdictsOf(answer, [undefined])?.[0] : undefined),
}

const isYes = ({ status }: HttpAnswer) => status >= 200 && status < 300

function bulk(shipments: Shipment[]): SinkRequest {
  const lines: string[] = []
  let url: URL | undefined
  for (const shipment of shipments) {
    const { event, options, now, delivery } = shipment
    const target = targetOf(shipment.url, options.index, new Date(event.time ?? now))
    if ('flaw' in target) return { problem: sentenceOf(target.flaw) }
    // Proxies and roles may judge by the path; a batch around midnight has two indices, so each line has its own.
    url ??= new URL(`${target.base}/${encodeURIComponent(target.index)}/_bulk`, shipment.url)
    const action = { create: { _index: target.index, _id: delivery.id } }
    lines.push(JSON.stringify(action), JSON.stringify(documentOf(shipment)))
  }
  if (!url) return { problem: 'There is nothing to send' }
  for (const [name, value] of shipments[0]?.url.searchParams ?? []) url.searchParams.set(name, value)
  // Of a long answer only the beginning is read: it has to be no longer than it needs to be.
  url.searchParams.set('filter_path', 'errors,items.*.status,items.*.error.type,items.*.error.reason')
  return { url, headers: { 'content-type': 'application/x-ndjson' }, body: `${lines.join('\n')}\n` }
}

/** What became of each document, in their order; undefined where the status of the whole tells. */
function verdictsOf(answer: HttpAnswer, shipments: unknown[]): Outcome[] | undefined {
  if (!isYes(answer)) return undefined
  const items = itemsIn(answer)
  if (!items) return shipments.map(() => retry('Elasticsearch did not say what became of the documents'))
  return shipments.map((_, at) => outcomeOfItem(items[at]))
}

function itemsIn(answer: HttpAnswer): unknown[] | undefined {
  const whole = parsed(answer.body)
  if (isObject(whole)) return Array.isArray(whole.items) ? whole.items : undefined
  // Cut short: the items that came whole count.
  const rest = answer.cut
    ? parsed(`${answer.body.slice(0, answer.body.lastIndexOf('},{') + 1)}]}`)
    : undefined
  return isObject(rest) && Array.isArray(rest.items) ? rest.items : undefined
}

function outcomeOfItem(item: unknown): Outcome {
  const [result] = isObject(item) ? Object.values(item) : []
  if (!isObject(result) || typeof result.status !== 'number') {
    return retry('Elasticsearch did not say what became of the document')
  }
  const { status, error } = result
  // The document is there: an earlier attempt made it, and its answer was lost.
  if (status === 409) return done
  const outcome = outcomeOfStatus(status, 'Elasticsearch, for this document,')
  if (outcome.kind === 'done' || !isObject(error)) return outcome
  const said = cut(oneLine(`${error.type ?? ''}: ${error.reason ?? ''}`), 300)
  const reason = `${outcome.reason}: ${said}${adviceFor(status)}`
  // Without the code, by which a whole request is told to be spoilt.
  return outcome.kind === 'drop' ? drop(reason) : { ...outcome, reason }
}

function adviceFor(status: number): string {
  if (status === 400) return '; change the mapping of the index, or send such events elsewhere'
  if (status === 403) return '; give the user the right to create documents in the index'
  return ''
}
