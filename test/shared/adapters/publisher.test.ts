import { DiscardPolicy, jetstream, jetstreamManager, RetentionPolicy, StorageType } from '@nats-io/jetstream'
import { afterAll, describe, expect, it } from 'vitest'
import { openNats } from '../../../shared/adapters/nats.ts'
import {
  type Message,
  PublishError,
  type Publisher,
  publisherOver,
} from '../../../shared/adapters/publisher.ts'
import { quiet as log } from '../../quiet.ts'
import { natsVersions, ownNats } from '../../servers.ts'

const message = (subject: string, id: string, payload: string | Uint8Array = id): Message => ({
  subject,
  id,
  payload,
})

describe.each(natsVersions)('publisherOver() on NATS %s', async version => {
  const server = await ownNats(version)
  const nats = openNats(server.url, 'publisher-test', log)
  afterAll(() => nats.close())
  const jsm = await jetstreamManager(await nats.opened)
  await jsm.streams.add({ name: 'kept', subjects: ['kept.>'], storage: StorageType.File })
  const publisher = publisherOver(nats)
  const hasty = publisherOver(nats, { tryFor: 100, giveUpAfter: 400 })

  it('resolves with where the message is, and says of a second one with its id that it was there', async () => {
    const first = await publisher.publish(message('kept.a', 'once'))
    expect(first).toEqual({ stream: 'kept', seq: expect.any(Number), duplicate: false })
    expect(await publisher.publish(message('kept.a', 'once'))).toEqual({ ...first, duplicate: true })
  })

  it('sends what came before the connection with it, without waiting for the next try', async () => {
    const starting = openNats(server.url, 'publisher-test', log)
    const early = publisherOver(starting, { tryFor: 600_000, giveUpAfter: 600_000 })
    const published = early.publish(message('kept.early', 'early'))
    await new Promise(setImmediate)
    expect(starting.up()).toBeUndefined()
    expect(await published).toMatchObject({ stream: 'kept', duplicate: false })
    await starting.close()
  })

  it('keeps payload and headers', async () => {
    const { seq } = await publisher.publish({
      ...message('kept.b', 'with-head', '{"ä":1}'),
      headers: { 'content-type': 'application/cloudevents+json' },
    })
    const stored = await jsm.streams.getMessage('kept', { seq })
    expect(stored?.string()).toBe('{"ä":1}')
    expect(stored?.header.get('content-type')).toBe('application/cloudevents+json')
    expect(stored?.header.get('Nats-Msg-Id')).toBe('with-head')
  })

  it('publishes in the order of the calls, many more at once than wait for acks', async () => {
    const acks = await Promise.all(
      Array.from({ length: 1_000 }, (_, n) => publisher.publish(message('kept.c', `order-${n}`))),
    )
    const seqs = acks.map(({ seq }) => seq)
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
  })

  it('refuses what is larger than the server takes, and a subject that is none', async () => {
    const large = new Uint8Array(publisher.maxPayload() + 1)
    await expect(publisher.publish(message('kept.d', 'large', large))).rejects.toMatchObject({
      kind: 'refused',
    })
    await expect(publisher.publish(message('kept d', 'blank'))).rejects.toMatchObject({ kind: 'refused' })
  })

  it('says full when the stream is, and goes on when it has room again', async () => {
    await jsm.streams.add({
      name: 'small',
      subjects: ['small.>'],
      retention: RetentionPolicy.Workqueue,
      discard: DiscardPolicy.New,
      max_msgs: 2,
    })
    await Promise.all(['1', '2'].map(id => publisher.publish(message('small.a', id))))
    const error: unknown = await publisher.publish(message('small.a', '3')).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(PublishError)
    expect(error).toMatchObject({ kind: 'full', message: expect.stringContaining('full') })
    await jsm.streams.purge('small')
    expect(await publisher.publish(message('small.a', '4'))).toMatchObject({ stream: 'small' })
  })

  it('says unavailable when no stream takes it in time, and waits for one until then', async () => {
    await expect(hasty.publish(message('nobody.a', '1'))).rejects.toMatchObject({
      kind: 'unavailable',
      message: 'JetStream did not acknowledge "nobody.a" within 0.4 s',
    })
    const late = publisher.publish(message('late.a', '1'))
    await jsm.streams.add({ name: 'late', subjects: ['late.>'] })
    expect(await late).toMatchObject({ stream: 'late' })
  })

  it('asks again what became of a message that another publisher of it has under way', async () => {
    const error = { code: 409, err_code: 10158, description: 'duplicate message id is in process' }
    const answers: object[] = [{ error }, { stream: 'copied', seq: 7, duplicate: true }]
    const nc = await nats.opened
    const stream = nc.subscribe('copied.a', {
      callback: (_, msg) => void msg.respond(JSON.stringify(answers.shift())),
    })
    expect(await hasty.publish(message('copied.a', 'twice'))).toEqual({
      ...{ stream: 'copied', seq: 7 },
      duplicate: true,
    })
    stream.unsubscribe()
  })

  it('says unavailable, not refused, when the connection is going down', async () => {
    const closing = openNats(server.url, 'publisher-closing', log)
    await closing.opened
    const over = publisherOver({ ...closing, up: () => undefined }, { tryFor: 50, giveUpAfter: 200 })
    await expect(over.publish(message('kept.e', 'away'))).rejects.toMatchObject({ kind: 'unavailable' })
    const nc = await closing.opened
    await closing.close()
    const closed = publisherOver({ ...closing, up: () => nc }, { tryFor: 50, giveUpAfter: 200 })
    await expect(closed.publish(message('kept.e', 'closed'))).rejects.toMatchObject({ kind: 'unavailable' })
  })

  it('has stored exactly once what it resolved, though the server is killed in the middle', async () => {
    await jsm.streams.add({ name: 'storm', subjects: ['storm.>'], storage: StorageType.File })
    const patient = publisherOver(nats, { tryFor: 500, giveUpAfter: 15_000 })
    const resolved = await publishThrough(patient, 5_000, async at => {
      if (at === 1_500 || at === 3_500) await server.restart()
    })
    expect(resolved).toHaveLength(5_000)

    const info = await jsm.streams.info('storm')
    const stored = new Set<string>()
    const consumer = await jetstream(await nats.opened).consumers.get('storm')
    for await (const { headers } of await consumer.fetch({
      max_messages: info.state.messages,
      expires: 5_000,
    }))
      stored.add(headers?.get('Nats-Msg-Id') ?? '')
    expect(info.state.messages).toBe(stored.size)
    expect(resolved.filter(id => !stored.has(id))).toEqual([])
  })
})

/** Publishes so many, a few hundred in flight, and gives the ids of those that were acknowledged. */
async function publishThrough(publisher: Publisher, count: number, before: (at: number) => Promise<void>) {
  const resolved: string[] = []
  const disturbances: Promise<void>[] = []
  let next = 0
  async function run() {
    while (next < count) {
      const at = next++
      disturbances.push(before(at))
      const id = `storm-${at}`
      await publisher.publish(message('storm.a', id)).then(() => resolved.push(id))
    }
  }
  await Promise.all(Array.from({ length: 300 }, run))
  await Promise.all(disturbances)
  return resolved
}
