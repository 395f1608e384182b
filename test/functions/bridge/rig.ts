import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect, headers, type MsgHdrs } from '@nats-io/transport-node'
import { afterAll, beforeEach, onTestFinished } from 'vitest'
import type { z } from 'zod'
import { metricsOf } from '../../../functions/bridge/metrics.ts'
import { keep } from '../../../functions/bridge/run.ts'
import { Trigger } from '../../../functions/bridge/triggers.ts'
import { type Child, startChild } from '../../../infra/local/child.ts'
import { openNats } from '../../../shared/adapters/nats.ts'
import { publisherOver } from '../../../shared/adapters/publisher.ts'
import { ensureStreams } from '../../../shared/adapters/streams.ts'
import { logOf } from '../../../shared/log.ts'
import { streams } from '../../../shared/streams.ts'

export const token = 'a-token-of-the-bridge'
const log = logOf('bridge', process.env.RIG_LOG ?? 'silent')

export const pause = (time: number) => new Promise(resolve => setTimeout(resolve, time))

/** Waits until it is so, for long enough that only a standstill is too late. */
export async function until(
  what: string,
  is: () => boolean | Promise<boolean>,
  most = 60_000,
): Promise<void> {
  const end = performance.now() + most
  while (!(await is())) {
    if (performance.now() > end) throw new Error(`Waited ${most / 1000} s for ${what}`)
    await pause(20)
  }
}

export type TriggerInput = z.input<typeof Trigger>

/**
 * A bus with the product's streams, and bridges over it: in this process, or as their own. `atEnd` is told what closes
 * it: `onTestFinished` in a test.
 */
export async function openRig(url: string, atEnd: (close: () => Promise<void>) => void = afterAll) {
  const nc = await connect({ servers: url, maxReconnectAttempts: -1, reconnectTimeWait: 100 })
  const js = jetstream(nc)
  const jsm = await jetstreamManager(nc)
  await ensureStreams(nc, 1, log)
  const nats = openNats(url, 'bridge', log)
  await nats.opened
  atEnd(async () => {
    await nats.close()
    await nc.close()
  })
  let count = 0

  // What the first try left in the streams, and how far its triggers were, is nothing that a second one may find.
  async function clear(): Promise<void> {
    const answer = () => nc.request('$JS.API.INFO', undefined, { timeout: 1_000 }).then(Boolean, () => false)
    await until('the bus to answer', answer)
    for (const { name } of streams) {
      for await (const consumer of jsm.consumers.list(name)) await jsm.consumers.delete(name, consumer.name)
      await jsm.streams.purge(name)
    }
  }
  // In a test everything is new anyway.
  if (atEnd === afterAll)
    beforeEach(async ({ task }) => {
      if (task.result?.retryCount) await clear()
    })

  const rig = {
    nc,
    js,
    jsm,
    nats,
    event: (subject: string, about: object = {}) => ({
      specversion: '1.0',
      id: `e${count++}`,
      source: 'test',
      type: 'Default',
      subject,
      time: '2026-01-01T00:00:00Z',
      datacontenttype: 'application/json',
      data: {},
      ...about,
    }),
    /** Publishes these events in their order, and returns their ids. */
    async publish(events: { id: string; subject: string }[]): Promise<string[]> {
      const publisher = publisherOver(nats)
      const sent = events.map(event =>
        publisher.publish({
          subject: event.subject,
          payload: JSON.stringify(event),
          id: `${event.subject}/${event.id}`,
          headers: { 'content-type': 'application/cloudevents+json' },
        }),
      )
      await Promise.all(sent)
      return events.map(({ id }) => id)
    },
    async raw(subject: string, payload: string, head: Record<string, string> = {}): Promise<void> {
      const made = headers()
      for (const [name, value] of Object.entries(head)) made.set(name, value)
      await js.publish(subject, payload, { headers: made })
    },
    async deadLetters(
      trigger: string,
    ): Promise<{ subject: string; headers: MsgHdrs | undefined; text: string }[]> {
      return rig.messages('deadletters', `deadletters.${trigger}.>`)
    },
    async count(stream: string, filter: string): Promise<number> {
      const { state } = await jsm.streams.info(stream, { subjects_filter: filter })
      return Object.values(state.subjects ?? {}).reduce((sum, each) => sum + each, 0)
    },
    /** What lies in a stream that is no work queue. */
    async messages(stream: string, filter: string) {
      const found: { subject: string; headers: MsgHdrs | undefined; text: string }[] = []
      const many = await rig.count(stream, filter)
      if (many === 0) return found
      const made = await jsm.consumers.add(stream, {
        filter_subject: filter,
        deliver_policy: DeliverPolicy.All,
        inactive_threshold: 5_000_000_000,
        ack_policy: AckPolicy.Explicit,
      })
      const consumer = await js.consumers.get(stream, made.name)
      for await (const message of await consumer.fetch({ max_messages: many, expires: 2_000 }))
        found.push({ subject: message.subject, headers: message.headers, text: message.string() })
      return found
    },
    consumer: (name: string, stream = 'ops') => jsm.consumers.info(stream, name),
    /** Resolves when the consumer has nothing left, acknowledged all. */
    idle: (name: string, stream = 'ops') =>
      until(`consumer "${name}" to be done`, async () => {
        const { num_pending, num_ack_pending } = await jsm.consumers.info(stream, name)
        return num_pending + num_ack_pending === 0
      }),
    /** A bridge of one trigger in this process, until the test's end. */
    async keep(input: TriggerInput, world: Partial<Parameters<typeof keep>[2]> = {}) {
      const { registry, countsOf } = metricsOf()
      const shared = {
        nats,
        publisher: publisherOver(nats),
        token,
        me: `${Math.random()}`,
        lossSubject: 'ops.clusters.c.namespaces.n.streams.ops.alerts',
        compiled: Promise.resolve(),
        covered: () => true,
        quiet: () => false,
        log,
        ...world,
      }
      const keeper = keep(Trigger.parse({ deliverPolicy: 'all', ...input }), countsOf(input.name), shared)
      let stopping: Promise<void> | undefined
      const stop = () => (stopping ??= keeper.stop())
      onTestFinished(stop)
      await keeper.ready
      const metric = async (name: string) => {
        const line = (await registry.metrics())
          .split('\n')
          .find(text => text.startsWith(`ops_bridge_${name}{`))
        return Number(line?.split(' ').at(-1) ?? Number.NaN)
      }
      return { stop, metric }
    },
    /** A bridge as its own process. */
    async process(triggers: TriggerInput[], env: NodeJS.ProcessEnv = {}): Promise<Child & { url: string }> {
      const dir = await mkdtemp(join(tmpdir(), 'ops-bridge-'))
      const file = join(dir, 'triggers.yaml')
      await writeFile(file, JSON.stringify(triggers.map(trigger => ({ deliverPolicy: 'all', ...trigger }))))
      const listening = Promise.withResolvers<number>()
      const child = await startChild(process.execPath, [door], {
        env: {
          ...process.env,
          EVENT_CLUSTER: 'c',
          EVENT_ENDPOINT: url,
          BRIDGE_TOKEN: token,
          PORT: '0',
          TRIGGERS_FILE: file,
          ...env,
        },
        line(text) {
          if (process.env.RIG_LOG) console.log(text)
          if (text.includes('"Listening"')) listening.resolve(JSON.parse(text).port)
        },
      })
      onTestFinished(() => child.kill())
      const place = `http://127.0.0.1:${await listening.promise}`
      await until('the bridge to be ready', async () => (await fetch(`${place}/readyz`)).ok)
      return Object.assign(child, { url: place })
    },
  }
  return rig
}

export type Rig = Awaited<ReturnType<typeof openRig>>

const door = fileURLToPath(new URL('../../../functions/bridge/index.ts', import.meta.url))
