import { AckPolicy, type Consumer, jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { afterAll, describe, expect, it } from 'vitest'
import { fetched } from '../../../shared/adapters/fetched.ts'
import { ownNats } from '../../servers.ts'

async function texts(consumer: Consumer): Promise<string[]> {
  const found: string[] = []
  for await (const message of fetched(consumer, { max_messages: 2, expires: 1_000 }))
    found.push(message.string())
  return found
}

describe('fetched()', async () => {
  const { url } = await ownNats()
  const nc = await connect({ servers: url })
  afterAll(() => nc.close())
  const jsm = await jetstreamManager(nc)

  /** Of a server that has not heard of it, as one of a cluster for a moment. */
  async function unheardOf(stream: string) {
    await jsm.streams.add({ name: stream, subjects: [`${stream}.>`] })
    for (const text of ['one', 'two']) await jetstream(nc).publish(`${stream}.x`, text)
    const config = { durable_name: 'c', ack_policy: AckPolicy.None }
    const consumer = jetstream(nc).consumers.getConsumerFromInfo(await jsm.consumers.add(stream, config))
    await jsm.consumers.delete(stream, 'c')
    return { consumer, heard: () => jsm.consumers.add(stream, config) }
  }

  it('waits for a consumer that its server hears of a moment later', async () => {
    const { consumer, heard } = await unheardOf('late')
    const found = texts(consumer)
    await nc.flush()
    await heard()
    expect(await found).toEqual(['one', 'two'])
  })

  it('gives up on one that does not come', async () => {
    const { consumer } = await unheardOf('gone')
    await expect(texts(consumer)).rejects.toThrow('no responders')
  })
})
