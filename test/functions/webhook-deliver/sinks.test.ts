import { describe, expect, it } from 'vitest'
import type { Shipment } from '../../../functions/webhook-deliver/sink.ts'
import { webhook } from '../../../functions/webhook-deliver/sinks/webhook.ts'
import { xiezuo } from '../../../functions/webhook-deliver/sinks/xiezuo.ts'
import { sinks } from '../../../functions/webhook-deliver/sinks.ts'
import { sinkContract } from './sink-contract.ts'

describe.each(Object.entries(sinks))('sink %s', (_, sink) => sinkContract(sink))
describe.each(['json', 'text', 'cloudevent'])('sink webhook with options.format %s', format => {
  sinkContract(webhook, { format })
})

const url = new URL('https://example.com/hook?key=k')
const shipment = (more: Partial<Shipment> = {}): Shipment => ({
  event: {
    specversion: '1.0',
    id: 'e1',
    source: 'https://example.com/cluster',
    type: 'Kube',
    subject: 'ops.clusters.c1.nodes.n1.events',
    data: { reason: 'NodeNotReady' },
  },
  text: 'node: n1 \nreason: NodeNotReady \n',
  url,
  options: {},
  additional: 'action: cordon-node',
  hook: { namespace: 'ops-system', name: 'disable' },
  delivery: { id: 'd1', attempt: 2 },
  ...more,
})
const json = { 'content-type': 'application/json' }

describe('webhook', () => {
  it('sends event, text, additional, hook and delivery as JSON', () => {
    const { event, text, additional, hook, delivery } = shipment()
    expect(webhook.request(shipment())).toEqual({
      url,
      headers: json,
      body: JSON.stringify({ event, text, additional, hook, delivery }),
    })
  })

  it('sends with format text what the older system sent, content type included', () => {
    expect(webhook.request(shipment({ options: { format: 'Text' } }))).toEqual({
      url,
      headers: json,
      body: 'node: n1 \nreason: NodeNotReady \naction: cordon-node',
    })
  })

  it('sends with format cloudevent the event in binary mode, additional as an extension', () => {
    expect(webhook.request(shipment({ options: { format: 'cloudevent' } }))).toEqual({
      url,
      headers: {
        ...json,
        'ce-specversion': '1.0',
        'ce-id': 'e1',
        'ce-source': 'https://example.com/cluster',
        'ce-type': 'Kube',
        'ce-subject': 'ops.clusters.c1.nodes.n1.events',
        'ce-additional': 'action:%20cordon-node',
      },
      body: Buffer.from('{"reason":"NodeNotReady"}'),
    })
  })

  it('says which formats there are', () => {
    expect(webhook.request(shipment({ options: { format: 'xml' } }))).toEqual({
      problem: 'options.format is "xml", it has to be json, text, cloudevent',
    })
  })

  it('refuses a datacontenttype that no header can carry', () => {
    const event = { ...shipment().event, datacontenttype: 'a/b\r\nx: y' }
    expect(webhook.request(shipment({ event, options: { format: 'cloudevent' } }))).toMatchObject({
      problem: expect.stringContaining('is no media type'),
    })
  })
})

describe('xiezuo', () => {
  it('sends text and additional as a text message', () => {
    expect(xiezuo.request(shipment())).toEqual({
      url,
      headers: json,
      body: '{"msgtype":"text","text":{"content":"node: n1 \\nreason: NodeNotReady \\naction: cordon-node"}}',
    })
  })

  it.each([
    [
      { msgtype: 'markdown', markdown: { text: '# hi' } },
      '{"msgtype":"markdown","markdown":{"text":"# hi"}}',
    ],
    [{ msgtype: '' }, '{"msgtype":"text","text":{"content":"T"}}'],
    [{ msgtype: 7 }, '{"msgtype":"text","text":{"content":"T"}}'],
    ['{"msgtype":"text"}', '{"msgtype":"text","text":{"content":"T"}}'],
  ])('takes for one of its messages only what has a msgtype: %j', (data, body) => {
    const event = { ...shipment().event, data }
    expect(xiezuo.request(shipment({ event, text: 'T', additional: '' }))).toEqual({
      url,
      headers: json,
      body,
    })
  })
})
