import { AckPolicy, type JsMsg, jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { HTTP } from 'cloudevents'

// What one writes first, from the examples of the libraries: consume, decode, encode, fetch, acknowledge.
const { EVENT_ENDPOINT = '', STREAM = '', SINK = '' } = process.env
const mostAtOnce = 64

const nc = await connect({ servers: EVENT_ENDPOINT })
const jsm = await jetstreamManager(nc)
await jsm.consumers.add(STREAM, { durable_name: 'naive', ack_policy: AckPolicy.Explicit })
const consumer = await jetstream(nc).consumers.get(STREAM, 'naive')
const flying = new Set<Promise<void>>()
process.once('SIGTERM', () => process.exit(0))
process.stdout.write('consuming\n')
for await (const message of await consumer.consume()) {
  while (flying.size >= mostAtOnce) await Promise.race(flying)
  const flight = forward(message).finally(() => flying.delete(flight))
  flying.add(flight)
}

async function forward(message: JsMsg): Promise<void> {
  try {
    const event = HTTP.toEvent({
      headers: { 'content-type': 'application/cloudevents+json' },
      body: message.string(),
    })
    if (Array.isArray(event)) throw new TypeError('One event was expected')
    const { headers, body } = HTTP.structured(event)
    const response = await fetch(SINK, {
      method: 'POST',
      headers: { ...headers } as Record<string, string>,
      body: String(body),
    })
    await response.text()
    if (!response.ok) throw new Error(`${SINK} answered ${response.status}`)
    message.ack()
  } catch (error) {
    console.error(error)
    message.nak(1_000)
  }
}
