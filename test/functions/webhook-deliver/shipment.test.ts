import { describe, expect, it } from 'vitest'
import type { Opened } from '../../../functions/webhook-deliver/destination.ts'
import { shipmentOf } from '../../../functions/webhook-deliver/shipment.ts'
import { webhook } from '../../../functions/webhook-deliver/sinks/webhook.ts'
import { templateOf } from '../../../functions/webhook-deliver/template.ts'
import { type Delivery, ownExtensions } from '../../../shared/delivery.ts'
import { compiledHook } from '../../compiled-hook.ts'

const now = Date.parse('2026-01-31T12:06:21Z')

const to = (more: Partial<Opened> = {}): Opened => ({
  hook: compiledHook('ops-system/notices'),
  sink: webhook,
  url: new URL('https://example.com/hook'),
  options: { secret: 's3cret' },
  additional: 'action: x',
  headers: {},
  keys: [],
  ...more,
})
const withTemplate = async (liquid: string) => to({ template: await templateOf(liquid, 'Asia/Shanghai') })

const data = {
  ...{ cluster: 'prod', namespace: 'shop', kind: 'Pod', name: 'web-1', type: 'Warning', reason: 'BackOff' },
  ...{ eventTime: '2026-01-31T12:00:00Z', from: 'kubelet', message: 'Back-off\nrestarting' },
}
const delivery = (more: Partial<Delivery> = {}): Delivery => ({
  ...{ specversion: '1.0', id: 'e1', source: 'https://example.com/cluster', type: 'Kube', data },
  subject: 'ops.clusters.prod.namespaces.shop.pods.web-1.events',
  ...{ hook: 'ops-system/notices', hookrevision: 'r1', deliveryid: 'd1' },
  ...more,
})
const text =
  'cluster: prod \nnamespace: shop \npod: web-1 \ntype: Warning \nreason: BackOff \n' +
  'timestamp: 2026-01-31 20:00:00 \nfrom: kubelet \nmessage: Back-off\nrestarting \n'

const shown = (more: Partial<Delivery> = {}, opened = to()) =>
  shipmentOf(delivery(more), opened, { now, timeZone: 'Asia/Shanghai' })

describe('shipmentOf()', () => {
  it('shows the event without what only the way here needed', () => {
    const own = Object.fromEntries(ownExtensions.map(name => [name, '2']))
    const { event } = shown({ ...own, attempt: 2, correlationid: 'c1' })
    expect(event).toEqual({
      ...{ specversion: '1.0', id: 'e1', source: 'https://example.com/cluster', type: 'Kube', data },
      subject: 'ops.clusters.prod.namespaces.shop.pods.web-1.events',
      correlationid: 'c1',
    })
  })

  it('has the readable text, its lines as pairs, a title and how bad it is', () => {
    expect(shown()).toMatchObject({
      text,
      templated: false,
      title: 'BackOff: pod/web-1 in prod/shop',
      severity: 'warning',
      additional: 'action: x',
      hook: { namespace: 'ops-system', name: 'notices' },
      delivery: { id: 'd1', attempt: 1 },
      now,
    })
    expect(shown().fields).toEqual([
      ['cluster', 'prod'],
      ['namespace', 'shop'],
      ['pod', 'web-1'],
      ['type', 'Warning'],
      ['reason', 'BackOff'],
      ['timestamp', '2026-01-31 20:00:00'],
      ['from', 'kubelet'],
      ['message', 'Back-off\nrestarting'],
    ])
    for (const absent of ['link', 'notice', 'held', 'resolved']) expect(shown()).not.toHaveProperty(absent)
  })

  it.each([
    [
      { a: 1, b: '', c: null, d: { e: [2] }, f: 'x' },
      [
        ['a', '1'],
        ['d', '{"e":[2]}'],
        ['f', 'x'],
      ],
    ],
    [[1, 2], [['', '[1,2]']]],
    ['told', [['', '"told"']]],
    [undefined, []],
  ])('shows what stands at the top of the data of other types: %j', (other, fields) => {
    expect(shown({ type: 'Default', data: other }).fields).toEqual(fields)
  })

  it('counts attempts from 1, whatever form they come in', () => {
    const attempts = [undefined, 1, 2, '3', 'x', -1].map(attempt => shown({ attempt }).delivery.attempt)
    expect(attempts).toEqual([1, 1, 2, 3, 1, 1])
  })

  it('links to the console, where there is one', () => {
    const console = 'https://console.example.com/events/{id}?s={subject}'
    const { link } = shipmentOf(delivery({ id: 'a/b?ü' }), to(), { now, timeZone: 'UTC', console })
    expect(link).toBe(
      'https://console.example.com/events/a%2Fb%3F%C3%BC?s=ops.clusters.prod.namespaces.shop.pods.web-1.events',
    )
  })
})

describe('shipmentOf() of what noise control tells', () => {
  it('says how many were held back, and since when', () => {
    const held = shown({ held: 37, heldsince: '2026-01-31T12:02:11Z', notice: 'held' })
    expect(held).toMatchObject({
      notice: 'held',
      held: { count: 37, since: '2026-01-31T12:02:11Z' },
      title: 'BackOff: pod/web-1 in prod/shop (37 more)',
      text: `${text}37 more like this were held back since 20:02:11 \n`,
    })
    expect(held.fields).toEqual(shown().fields)
  })

  it('names the day when it was another one, and reads numbers that came as text', () => {
    const held = shown({
      type: 'Default',
      data: { a: 1 },
      held: '2' as never,
      heldsince: '2026-01-30T12:02:11Z',
    })
    expect(held.text).toBe('{"a":1} \n2 more like this were held back since 2026-01-30 20:02:11 \n')
    expect(held).not.toHaveProperty('notice')
  })

  it('says that it is over, and after how long', () => {
    const over = shown({
      ...{
        notice: 'resolved',
        resolves: 'd0',
        trouble: 'node',
        raisedat: '2026-01-31T12:02:11Z',
        time: '2026-01-31T12:06:21Z',
      },
      data: { ...data, reason: 'NodeNotReady' },
    })
    expect(over).toMatchObject({
      notice: 'resolved',
      resolved: {
        ...{ delivery: 'd0', from: '2026-01-31T12:02:11Z', to: '2026-01-31T12:06:21Z', trouble: 'node' },
      },
      severity: 'info',
      title: 'Resolved: NodeNotReady: pod/web-1 in prod/shop',
      text: expect.stringMatching(/restarting \nresolved after 4m10s \n$/),
    })
  })

  it.each([
    { held: 0, heldsince: '2026-01-31T12:02:11Z' },
    { held: 3, heldsince: 'then' },
    { held: 1.5, heldsince: '2026-01-31T12:02:11Z' },
    { resolves: 'd0', raisedat: '2026-01-31T12:02:11Z' },
  ])('says nothing of what cannot be: %j', odd => expect(shown(odd).text).toBe(text))
})

describe('shipmentOf() with a template', () => {
  it('sends what the template makes of event, data, fields, title and the rest', async () => {
    const liquid =
      '{{ severity | upcase }} {{ title }}{% for f in fields %}{% if f.label == "reason" %} [{{ f.value }}]{% endif %}' +
      '{% endfor %} {{ event.id }} {{ data.reason }} {{ data.eventTime | date: "%H:%M" }} {{ hook.name }} ' +
      '{{ additional }} {{ held.count }} {{ resolved.after }}'
    expect(
      shown(
        {
          ...{ held: 2, heldsince: '2026-01-31T12:02:11Z', notice: 'resolved', resolves: 'd0' },
          ...{ raisedat: '2026-01-31T12:02:11Z', time: '2026-01-31T12:06:21Z' },
        },
        await withTemplate(liquid),
      ),
    ).toMatchObject({
      templated: true,
      text: 'INFO Resolved: BackOff: pod/web-1 in prod/shop [BackOff] e1 BackOff 20:00 notices action: x 2 4m10s',
    })
  })

  it.each([
    ['{{ title | nope }}', 'undefined filter: nope, line:1, col:1'],
    ['a\n{% if %}', 'invalid value expression: "", line:2, col:6'],
    ['{% include "/etc/passwd" %}', expect.stringContaining('line:1, col:1')],
    [
      '{% for i in (1..90000) %}{% for j in (1..90000) %}x{% endfor %}{% endfor %}',
      expect.stringContaining('limit exceeded'),
    ],
    ['{% for i in (1..100000000) %}x{% endfor %}', expect.stringContaining('limit exceeded')],
    ['{{ data.long }}', 'it made 70000 characters, at most 65536 are allowed'],
    [' {% if false %}x{% endif %}', 'it made an empty text'],
  ])('sends the readable text and why, when the template fails: %s', async (liquid, problem) => {
    const failed = shown({ data: { ...data, long: 'x'.repeat(70_000) } }, await withTemplate(liquid))
    expect(failed.templated).toBe(false)
    expect(failed.text.startsWith(`${text}The template of hook "ops-system/notices" failed: `)).toBe(true)
    expect(
      failed.text.slice(text.length).replace('The template of hook "ops-system/notices" failed: ', ''),
    ).toEqual(typeof problem === 'string' ? `${problem} \n` : problem)
  })

  it('does not try a template again that has taken too much three times', async () => {
    const greedy = await withTemplate(
      '{% if data.greedy %}{% for i in (1..90000000) %}{% endfor %}{% endif %}ok',
    )
    const texts = [true, true, false, true, true, true, false].map(
      flag => shown({ data: { ...data, greedy: flag } }, greedy).templated,
    )
    expect(texts).toEqual([false, false, true, false, false, false, false])
  })

  it('names nothing but what it is given', async () => {
    const liquid =
      '[{{ options.secret }}{{ url }}{{ data.constructor }}{{ data.__proto__ }}{{ event.toString }}{{ process }}{{ keys }}]'
    expect(shown({}, await withTemplate(liquid)).text).toBe('[]')
  })

  it('takes what stands in an event for text, not for a template', async () => {
    const inside = { ...data, message: '{{ title }}{% include "x" %}' }
    expect(shown({ data: inside }, await withTemplate('{{ data.message }}')).text).toBe(inside.message)
  })
})
