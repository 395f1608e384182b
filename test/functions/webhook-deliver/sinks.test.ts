import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { webhook } from '../../../functions/webhook-deliver/sinks/webhook.ts'
import { xiezuo } from '../../../functions/webhook-deliver/sinks/xiezuo.ts'
import { HookType } from '../../../shared/hook-words.ts'
import { receivers, type SinkType } from '../../../shared/receivers.ts'
import { type Kind, sinkContract } from './sink-contract.ts'
import * as readers from './sinks/readings.ts'
import { shipment as example } from './sinks/shipments.ts'

const kinds: Record<SinkType, Kind> = {
  webhook: { whole: true },
  xiezuo: { whole: true, trusts: true, reader: readers.xiezuo },
  elasticsearch: { url: 'https://es.example/ops-{date}' },
  slack: {
    chat: true,
    reader: readers.slack,
    options: { mentions: 'U0123, !here' },
    mentions: ['@U0123', '!here'],
  },
  dingtalk: {
    ...{
      chat: true,
      reader: readers.dingtalk,
      options: { mentions: '13800000000, ann, all', secret: 'SECcanary' },
    },
    mentions: ['13800000000', 'ann', 'all'],
  },
  feishu: {
    ...{ chat: true, reader: readers.feishu, options: { mentions: 'ou_1, all', secret: 'feishu-canary' } },
    mentions: ['ou_1', 'all'],
  },
  wecom: { chat: true, reader: readers.wecom, options: { mentions: 'ann' }, mentions: ['ann'] },
  teams: {
    chat: true,
    reader: readers.teams,
    options: { mentions: 'ann@example.com' },
    mentions: ['ann@example.com'],
  },
  discord: {
    ...{ chat: true, reader: readers.discord, options: { mentions: '42, &43, everyone' } },
    mentions: ['<@42>', '<@&43>', '@everyone'],
  },
  telegram: {
    ...{ chat: true, reader: readers.telegram, mentions: ['@ann'] },
    options: { chat_id: '-1001', token: '123456:ABC-canary', mentions: 'ann' },
  },
  pagerduty: {
    reader: readers.pagerduty,
    options: { routing_key: 'routing-canary' },
    tells: ['routing_key'],
  },
  alertmanager: { options: { 'labels.team': 'infra', lasts: '1h' } },
}

describe.each(HookType.exclude(['event', 'task']).options)('sink %s', type => {
  sinkContract(type, kinds[type])
})

describe.each(['json', 'text', 'cloudevent'])('sink webhook with options.format %s', format => {
  sinkContract(
    'webhook',
    format === 'json' ? { whole: true, options: { format } } : { raw: true, options: { format } },
  )
})

describe.each(['sinks.md', 'sinks.zh-CN.md'])('%s', page => {
  const text = readFileSync(new URL(`../../../infra/operate/${page}`, import.meta.url), 'utf8')
  it.each(Object.entries(receivers))('tells the options of %s and how it works', (type, { options }) => {
    const row = new RegExp(`^\\| \`${type}\` \\| .*`, 'm').exec(text)?.[0]
    for (const option of options) expect(row).toContain(`\`${option.replace(/\.$/, '.x')}\``)
    expect(text).toContain(`**${type}**`)
  })
})

const url = new URL('https://example.com/hook?key=k')
const shipment = (more: Parameters<typeof example>[0] = {}) =>
  example({
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

  it('tells what was held back, and of a trouble that is over', () => {
    const held = { count: 37, since: '2026-01-31T10:02:00Z' }
    const resolved = { delivery: 'd0', from: '2026-01-31T11:55:50Z', to: '2026-01-31T12:00:00Z' }
    const request = webhook.request(shipment({ notice: 'resolved', held, resolved }))
    expect('body' in request && JSON.parse(String(request.body))).toMatchObject({
      notice: 'resolved',
      held,
      resolved,
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

  it('calls nobody whom an event names, and whom the author of the hook does', () => {
    const all = '<at user_id="-1">all</at>'
    const request = xiezuo.request(shipment({ text: all, additional: all }))
    const body: unknown = 'body' in request && JSON.parse(String(request.body))
    expect(body).toEqual({
      msgtype: 'text',
      text: { content: `<\u2060at user_id="-1">all<\u2060/at>${all}` },
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
