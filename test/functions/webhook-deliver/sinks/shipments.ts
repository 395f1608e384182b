import fc from 'fast-check'
import type { Shipment } from '../../../../functions/webhook-deliver/sink.ts'

export const now = Date.parse('2026-01-31T12:00:00.900Z')

/** A node that is lost, as a sink sees it. */
export const shipment = (more: Partial<Shipment> = {}): Shipment => ({
  event: {
    specversion: '1.0',
    id: 'e1',
    source: 'https://example.com/cluster',
    type: 'Kube',
    subject: 'ops.clusters.prod.nodes.worker-1.events',
    time: '2026-01-31T11:59:58Z',
    cluster: 'prod',
    data: {
      cluster: 'prod',
      type: 'Normal',
      reason: 'NodeNotReady',
      kind: 'Node',
      name: 'worker-1',
      message: 'Node worker-1 status is now: NodeNotReady',
    },
  },
  text: 'cluster: prod \nnode: worker-1 \nreason: NodeNotReady \n',
  templated: false,
  title: 'NodeNotReady: node/worker-1 in prod',
  fields: [
    ['cluster', 'prod'],
    ['node', 'worker-1'],
    ['message', 'Node worker-1 status is now: NodeNotReady'],
  ],
  severity: 'critical',
  url: new URL('https://example.com/hooks/one?key=s3cret'),
  options: {},
  additional: 'action: cordon-node',
  hook: { namespace: 'ops-system', name: 'notices' },
  delivery: { id: '5d3c8a52-0a3d-5c8e-9a59-2f5f0c0a0b0c', attempt: 1 },
  now,
  ...more,
})

/** What attackers write into the names and messages of their Pods, for one service or the other. */
const attacks = [
  ...[
    '<!channel>',
    '<!here|now>',
    '<@U0123>',
    '<#C0123>',
    '<https://evil.example|click>',
    '&lt;!channel&gt;',
  ],
  ...['@everyone', '@here', '<@1234>', '<@&1234>', '@all', '@13800000000', '@durov', '#tag', '/start'],
  ...['<at id=all></at>', '<at user_id="all">all</at>', '</at>', '<at>ann@example.com</at>', '< at id=all>'],
  ...[
    '[click](https://evil.example)',
    '![](https://evil.example/x.png)',
    '[a]: https://evil.example',
    '](x)',
  ],
  ...[
    '<a href="https://evil.example">x</a>',
    '</pre>',
    '</code>',
    '<b>',
    '&#60;',
    '&amp;',
    '"',
    "'",
    '<font color="info">',
  ],
  ...[
    'https://evil.example/x',
    'dingtalk://x',
    '<https://evil.example>',
    '```',
    '`',
    '**',
    '__',
    '~~',
    '||',
    '>>> ',
  ],
  ...[
    '\n# head',
    '\n> quote',
    '\n- list',
    '\n|a|b|\n|-|-|',
    '\n\n\n',
    '\r\n',
    '\\',
    '\\[',
    '{{DATE(2017-02-14T06:08:00Z)}}',
  ],
  ...[
    '\u001b[31m',
    '\u0000',
    '\u0007',
    '\u009b',
    '\u202e',
    '\u2066',
    '\u200b',
    '\ufeff',
    '\u00ad',
    '\u2028',
    '\ud800',
  ],
  ...[
    '👨‍👩‍👧‍👦',
    '🇨🇳',
    `e${'\u0301'.repeat(30)}`,
    '节点',
    'x'.repeat(5_000),
    '<'.repeat(700),
    '界'.repeat(3_000),
  ],
]

const piece = fc.oneof(fc.constantFrom(...attacks), fc.string({ unit: 'binary', maxLength: 20 }))

/** Any text, and rather a hostile one. */
export const hostile = fc.array(piece, { maxLength: 12 }).map(pieces => pieces.join(''))

/** A text that every service can show as it is. */
export const plainText = fc.stringMatching(/^[A-Za-z][A-Za-z0-9 .,/-]{0,30}[A-Za-z]$/)

const told = fc.constantFrom<Partial<Shipment>>(
  {},
  { notice: 'held', held: { count: 37, since: '2026-01-31T10:02:00Z' } },
  {
    notice: 'resolved',
    resolved: { delivery: 'd0', from: '2026-01-31T11:55:50Z', to: '2026-01-31T12:00:00Z' },
  },
)

/** A shipment of which everything that comes from the event is hostile. */
export const hostileShipments: fc.Arbitrary<Shipment> = fc
  .record({
    title: hostile,
    fields: fc.array(fc.tuple(hostile, hostile), { maxLength: 40 }),
    text: hostile,
    additional: hostile,
    link: fc.option(fc.oneof(fc.constant('https://console.example/events/e1'), fc.webUrl(), hostile), {
      nil: undefined,
    }),
    severity: fc.constantFrom('critical', 'error', 'warning', 'info'),
    data: fc.oneof(
      fc.record({
        reason: hostile,
        message: hostile,
        kind: hostile,
        name: hostile,
        namespace: hostile,
        type: hostile,
      }),
      fc.jsonValue(),
    ),
    cluster: hostile,
    type: fc.constantFrom('Kube', 'Host', 'TaskRunReport', 'constructor', 'x'),
    told,
  })
  .map(({ data, cluster, type, told, link, ...rest }) => {
    const made = shipment({ ...rest, ...(link !== undefined && { link }), ...told })
    return { ...made, event: { ...made.event, data, cluster, type } }
  })
