import { type HttpAnswer, NoAnswer } from '../../shared/adapters/http.ts'
import type { Delivery } from '../../shared/delivery.ts'
import { drop, type Outcome, retry } from '../../shared/outcome.ts'
import { bounded, outcomeOf, secretsOf, wentOf } from './answer.ts'
import type { Circuits, Went } from './circuits.ts'
import type { Opened } from './destination.ts'
import { type Parcel, requestOf } from './request.ts'

/** What sending needs. `post` rejects with NoAnswer. */
export type Road = {
  post(
    url: URL,
    request: { headers: Record<string, string>; body: string | Buffer; method?: 'POST' | 'PUT' },
  ): Promise<HttpAnswer>
  circuits: Circuits
  /** Unix milliseconds. */
  now(): number
  timeZone: string
  /** Where events can be looked at: a URL with `{id}` or `{subject}` in it. */
  console?: string | undefined
}

/** What one request to a service that takes many may have. */
const mostBytes = 1024 * 1024

/** The circuit of a hook and its receiver. */
export const circuitOf = ({ hook, url }: Opened) => `ops-events:circuit:${hook.id}:${url.host}`

/** Sends deliveries of one hook in one request, those of a sink that takes one at a time alone; what became of each. */
export async function send(deliveries: Delivery[], to: Opened, road: Road): Promise<Outcome[]> {
  const now = road.now()
  const parcel = requestOf(deliveries, to, { now, timeZone: road.timeZone, console: road.console })
  const several = deliveries.length > 1
  if ('problem' in parcel) {
    return several ? sendHalves(deliveries, to, road) : [drop(`Hook "${to.hook.id}": ${parcel.problem}`)]
  }
  if (several && Buffer.byteLength(parcel.body) > mostBytes) return sendHalves(deliveries, to, road)
  const outcomes = await exchange(parcel, to, { road, now })
  // One of them may have spoilt it for all others.
  const spoilt = outcomes.every(outcome => outcome.kind === 'drop' && spoiling.has(outcome.code ?? 0))
  return several && spoilt ? sendHalves(deliveries, to, road) : outcomes
}

const spoiling = new Set([400, 413, 422])

async function sendHalves(deliveries: Delivery[], to: Opened, road: Road): Promise<Outcome[]> {
  const middle = Math.ceil(deliveries.length / 2)
  const first = await send(deliveries.slice(0, middle), to, road)
  return [...first, ...(await send(deliveries.slice(middle), to, road))]
}

async function exchange(
  { shipments, url, ...request }: Parcel,
  to: Opened,
  { road, now }: { road: Road; now: number },
): Promise<Outcome[]> {
  const all = (outcome: Outcome) => shipments.map(() => outcome)
  const entry = await road.circuits.enter(circuitOf(to))
  if ('why' in entry) return all(retry(`${url.host} ${entry.why}`, { attempted: false, after: entry.after }))
  let went: Went = 'nothing'
  try {
    const answer = await road.post(url, request)
    const asked = { sink: to.sink, url, now, secrets: secretsOf(to.options) }
    const each = shipments.length > 1 ? to.sink.many?.verdicts(answer, shipments) : undefined
    const outcomes = each?.map(bounded) ?? all(outcomeOf(answer, asked))
    if (outcomes.length !== shipments.length)
      throw new Error(`The sink answered for ${outcomes.length} of ${shipments.length} deliveries`)
    went = wentOf(answer, outcomes)
    return outcomes
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error
    if (error.kind === 'forbidden') return all(drop(`Hook "${to.hook.id}": ${error.message}`))
    went = { late: error.kind === 'late' }
    return all(retry(error.message))
  } finally {
    await entry.leave(went)
  }
}
