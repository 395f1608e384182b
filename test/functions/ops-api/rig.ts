import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect, headers } from '@nats-io/transport-node'
import { afterAll } from 'vitest'
import { z } from 'zod'
import { ensureStreams } from '../../../shared/adapters/streams.ts'
import { quiet } from '../../quiet.ts'
import { type hosts, startDoor } from '../door.ts'

export const token = 'for-the-tests-only'

const Envelope = z.strictObject({ code: z.number(), message: z.string(), data: z.unknown().optional() })

/** What was answered, with the text of a refusal; `data` as a test knows it to be. */
export type Answered<T> = { status: number; message: string; data: T; headers: Headers }

/** A process of ops-api over these servers. Call it outside of tests and hooks. */
export async function openApi(
  at: { nats: string; redis: string },
  { env = {}, host }: { env?: NodeJS.ProcessEnv; host?: (typeof hosts)[number] } = {},
) {
  const door = await startDoor('ops-api', {
    ...(host && { host }),
    env: { EVENT_ENDPOINT: at.nats, REDIS_URL: at.redis, SERVER_TOKEN: token, API_RATE: '10000', ...env },
  })
  afterAll(() => door.stop())
  return {
    ...door,
    /** Asks `path` below /api/v1, with the token of everything unless another is given; '' is none. */
    async ask<T = unknown>(
      method: string,
      path: string,
      {
        body,
        bearer = token,
        as,
        key,
      }: { body?: unknown; bearer?: string; as?: z.ZodType<T>; key?: string } = {},
    ): Promise<Answered<T>> {
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      const answer = await fetch(`${door.url}/api/v1${path}`, {
        method,
        headers: {
          ...(bearer && { authorization: `Bearer ${bearer}` }),
          ...(text !== undefined && { 'content-type': 'application/json' }),
          ...(key !== undefined && { 'idempotency-key': key }),
        },
        ...(text !== undefined && { body: text }),
      })
      const { code, message, data } = Envelope.parse(await answer.json())
      if (code !== (answer.ok ? 0 : answer.status)) throw new Error(`${answer.status} has the code ${code}`)
      return { status: answer.status, message, data: (as ?? z.any()).parse(data), headers: answer.headers }
    },
  }
}

export const Row = z.object({
  id: z.string(),
  trigger: z.string().optional(),
  hook: z.string().optional(),
  subject: z.string().optional(),
  reason: z.string().optional(),
  attempts: z.number().optional(),
  time: z.string().optional(),
  result: z.string().optional(),
  because: z.string().optional(),
  replays: z.array(z.object({ id: z.string(), at: z.string(), by: z.string() })).optional(),
})
export const Page = z.object({
  list: z.array(Row),
  total: z.number().optional(),
  page: z.number(),
  page_size: z.number(),
  cursor: z.string().optional(),
})
export const Replayed = z.object({
  replayId: z.string(),
  dryRun: z.boolean(),
  counts: z.record(z.string(), z.number()),
  list: z.array(Row),
  cursor: z.string().optional(),
})

/** A dead letter as the bridge writes one. */
export type Buried = { trigger: string; subject: string; reason?: string; event?: object; payload?: string }

/** A bus with the product's streams, and hands on it. */
export async function openBus(url: string) {
  const nc = await connect({ servers: url })
  await ensureStreams(nc, 1, quiet)
  const js = jetstream(nc)
  const jsm = await jetstreamManager(nc)
  afterAll(() => nc.close())
  let count = 0
  return {
    nc,
    js,
    jsm,
    /** Resolves with its place in the stream. */
    async bury({ trigger, subject, reason = 'no', event = {}, payload }: Buried): Promise<number> {
      const head = headers()
      const story = {
        'Ops-Trigger': trigger,
        'Ops-Subject': subject,
        'Ops-Attempts': '3',
        'Ops-First-Time': '1790000000000',
        'Ops-Last-Time': '1790000060000',
        'Ops-Reason': reason,
      }
      for (const [name, value] of Object.entries(story)) head.set(name, value)
      if (payload === undefined) head.set('content-type', 'application/cloudevents+json')
      const letter = {
        ...{ specversion: '1.0', id: `e${count++}`, source: 'test', type: 'Default', subject },
        ...{ data: { n: 1 }, ...event },
        ...{ knativeerrordest: 'http://sink', knativeerrorcode: 422, knativeerrordata: reason },
      }
      const to = `deadletters.${trigger}.${subject.slice(subject.indexOf('.') + 1)}`
      return (await js.publish(to, payload ?? JSON.stringify(letter), { headers: head })).seq
    },
    /** One of a hook's deliveries, `namespace/name`. */
    buryDelivery(hook: string, reason = 'example.com answered 410') {
      const subject = `deliveries.${hook.replaceAll('.', '_').replace('/', '.').toLowerCase()}`
      const event = { subject: 'ops.a.b.events', hook, hookrevision: 'r', deliveryid: `d${count}` }
      return this.bury({ trigger: 'webhook-deliver', subject, reason, event })
    },
    /** A consumer as a trigger has one. */
    async take(trigger: string) {
      await jsm.consumers.add('retries', {
        durable_name: `${trigger}-1`,
        filter_subject: `retries.${trigger}.1.>`,
        ack_policy: 'explicit',
      })
    },
    /** What lies in `retries`, in order. */
    async waiting() {
      const { state } = await jsm.streams.info('retries')
      const found: { subject: string; head: (name: string) => string; text: string }[] = []
      for (let seq = Math.max(state.first_seq, 1); seq <= state.last_seq; seq++) {
        const message = await jsm.streams.getMessage('retries', { seq })
        if (message)
          found.push({
            subject: message.subject,
            head: name => message.header.get(name),
            text: message.string(),
          })
      }
      return found
    },
    async clear() {
      for (const stream of ['retries', 'deadletters']) await jsm.streams.purge(stream)
    },
  }
}
