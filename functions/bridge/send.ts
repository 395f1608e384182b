import { type HttpAnswer, NoAnswer } from '../../shared/adapters/http.ts'
import { encodeBinary, mediaTypes } from '../../shared/cloudevents-http.ts'
import { drop, retryAfter } from '../../shared/outcome.ts'
import { tokensIn } from '../../shared/token.ts'
import { type Answered, readAnswer, type Sent } from './answer.ts'
import { batchOf, eventOf } from './events.ts'
import type { Item } from './item.ts'
import { type Trigger, urlOf } from './triggers.ts'

/** Sends one request with these events and reads what came back. Never throws for what a sink does. */
export async function send(
  trigger: Trigger,
  items: Item[],
  world: {
    token: string
    post(url: URL, request: { headers: Record<string, string>; body: string | Buffer }): Promise<HttpAnswer>
    wall(): number
  },
): Promise<Sent> {
  const url = urlOf(trigger)
  const [token] = tokensIn(world.token)
  const [first] = items
  if (trigger.batch === 1 && first) {
    const read = eventOf(first)
    if ('problem' in read) return { kind: 'each', outcomes: [drop(`It is no CloudEvent: ${read.problem}`)] }
    return readAnswer(trigger, items, await call(encodeBinary(read.event)))
  }
  const batch = { headers: { 'content-type': mediaTypes.batch }, body: batchOf(items) }
  return readAnswer(trigger, items, await call(batch))

  async function call(request: { headers: Record<string, string>; body: Buffer }): Promise<Answered> {
    const proof = trigger.own ? { authorization: `Bearer ${token}` } : {}
    try {
      const answer = await world.post(url, { headers: { ...request.headers, ...proof }, body: request.body })
      return { ...answer, after: retryAfter(answer.retryAfter, world.wall()) }
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error
      return { silent: error.message, unreached: unreached.test(error.message) }
    }
  }
}

const unreached = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|could not be reached/
