import type { Msg } from '@nats-io/transport-node'
import { jsonAs } from '../json.ts'
import { RunToken, type RunTokens } from '../run-tokens.ts'
import { buckets } from '../streams.ts'
import { connectionOf, type Nats } from './nats.ts'

const timeout = 3_000
const shape = /^[A-Za-z0-9-]{1,64}$/

/**
 * Finds the token of a run by one request (NATS ADR-31, "Direct Get"): loading the client library's KV for it would cost
 * every cold start of a function that seldom asks.
 */
export const runTokenFinder =
  (nats: Nats): RunTokens['find'] =>
  async uid => {
    if (!shape.test(uid)) return undefined
    const nc = await connectionOf(nats)
    const { runTokens } = buckets
    const subject = `$JS.API.DIRECT.GET.KV_${runTokens}.$KV.${runTokens}.${uid}`
    return tokenIn(await nc.request(subject, '', { timeout }))
  }

function tokenIn(answer: Msg): RunToken | undefined {
  const { code = 0, description } = answer.headers ?? {}
  if (code === 404) return undefined
  if (code !== 0) throw new Error(`NATS answered ${code} ${description} for the token of a run`)
  // What was dropped leaves a marker there.
  if (answer.headers?.get('KV-Operation')) return undefined
  return jsonAs(RunToken, answer.string())
}
