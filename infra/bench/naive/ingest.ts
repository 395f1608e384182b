import { http } from '@google-cloud/functions-framework'
import { jetstream } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { CloudEvent } from 'cloudevents'

const { EVENT_ENDPOINT = '', EVENT_CLUSTER = '', SERVER_TOKEN = '' } = process.env
const js = jetstream(await connect({ servers: EVENT_ENDPOINT }))

http('ingest', async (request, response) => {
  if (request.get('authorization') !== `Bearer ${SERVER_TOKEN}`) {
    response.status(401).json({ code: 401, message: 'Wrong token' })
    return
  }
  const [, , , , namespace, , name] = request.path.split('/')
  const subject = `ops.clusters.${EVENT_CLUSTER}.namespaces.${namespace}.${name}`
  const event = new CloudEvent({
    source: 'https://github.com/shaowenchen/ops',
    type: 'Default',
    subject,
    cluster: EVENT_CLUSTER,
    datacontenttype: 'application/json',
    data: request.body,
  })
  const { stream, seq, duplicate } = await js.publish(subject, JSON.stringify(event), { msgID: event.id })
  response.json({ code: 0, message: 'success', data: { id: event.id, subject, stream, seq, duplicate } })
})
