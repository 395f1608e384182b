import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { mediaTypes } from '../shared/cloudevents-http.ts'
import { ownSource } from '../shared/event.ts'
import { BatchAnswer } from '../shared/outcome.ts'

/** Whom a function lets in, by the token each has. */
export type Tokens = { token: string; bridgeToken: string }

/** What somebody sends a function, and what it answers where it is alone. */
type Asked = {
  path: string
  type: string
  as: keyof Tokens
  body(ids: string[]): unknown
  answers: number
}

const event = (id: string) => ({
  ...{ specversion: '1.0', id, source: ownSource, type: 'Default', datacontenttype: 'application/json' },
  ...{ subject: 'ops.clusters.c.nodes.n.events', time: '2026-01-31T12:00:00Z', data: { message: 'm' } },
})
const byBridge: Asked = {
  ...{ path: '/', type: mediaTypes.batch, as: 'bridgeToken', answers: 200 },
  body: ids => ids.map(event),
}
const byOthers = { type: 'application/json', as: 'token' } as const
const fromOutside: Record<string, Asked> = {
  'subject-ingest': {
    ...{ ...byOthers, path: '/api/v1/namespaces/n/events/nodes.n.events', answers: 200 },
    body: () => ({ message: 'm' }),
  },
  'ops-api': {
    ...{ ...byOthers, path: '/api/v1/silences', answers: 201 },
    body: ([name]) => ({ name, subject: 'ops.*.a.>', until: '2999-01-01T00:00:00Z', comment: 'a test' }),
  },
}

/** Those that the bridge calls, with batches. */
export const takesBatches = (name: string): boolean => !(name in fromOutside)

/** So many ids of events. */
export const ids = (count: number, prefix = 'event') =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`)

/** Requests as the bridge, or somebody outside, makes them of a function; `answers` is the status of a good one. */
export function callsOf(name: string, { url, tokens }: { url: string; tokens: Tokens }) {
  const { path, type, as, body, answers } = fromOutside[name] ?? byBridge
  const headers = (token: string) => ({ authorization: `Bearer ${token}`, 'content-type': type })
  const post = (names: string[], token = tokens[as]) =>
    fetch(`${url}${path}`, { method: 'POST', headers: headers(token), body: JSON.stringify(body(names)) })
  return {
    answers,
    post,
    /** Posts a batch: the status, and the events that the answer speaks of. */
    async rows(names: string[]) {
      const answer = await post(names)
      const { results } = BatchAnswer.parse(await answer.json())
      return { status: answer.status, answered: results.map(({ id }) => id) }
    },
    /** Sends half of a request: resolves when the function has it in its hands, with what sends the rest of it. */
    async half(name: string): Promise<() => Promise<IncomingMessage>> {
      const whole = JSON.stringify(body([name]))
      const length = { 'content-length': Buffer.byteLength(whole) }
      const half = request(`${url}${path}`, {
        method: 'POST',
        // of-watchdog hands this on, and so it is the function that says when to go on.
        headers: { ...headers(tokens[as]), ...length, expect: '100-continue' },
      })
      const answer = once(half, 'response').then(([response]) => response)
      half.flushHeaders()
      await Promise.race([once(half, 'continue'), answer])
      half.write(whole.slice(0, 10))
      return () => {
        half.end(whole.slice(10))
        return answer
      }
    },
  }
}
