import { describe, expect, it } from 'vitest'
import { givenBy } from '../../../../functions/webhook-deliver/tasks/fill.ts'
import { namedIn, namesOf } from '../../../../functions/webhook-deliver/tasks/names.ts'
import { openTask } from '../../../../functions/webhook-deliver/tasks/open.ts'
import type { Delivery } from '../../../../shared/delivery.ts'
import { deliveryTo, subject, taskHook } from './tasks.ts'

const showing = { now: 0, timeZone: 'Asia/Shanghai', console: 'https://console.example/{id}' }

/** What a hook with these variables gives to a run. */
async function given(templates: Record<string, string>, event: Partial<Delivery> = {}, desc?: string) {
  const variables = Object.entries(templates).map(([name, text]) => [`variables.${name}`, text])
  const options = { taskRef: 'remedy', ...Object.fromEntries(variables), ...(desc !== undefined && { desc }) }
  const starting = await openTask(taskHook('a'), { url: '', options, additional: 'by night' }, 'UTC')
  return givenBy(starting, namesOf(deliveryTo('a', 1, event), starting, showing))
}
async function value(template: string, event: Partial<Delivery> = {}) {
  const made = await given({ x: template }, event)
  return 'problem' in made ? made.problem : made.variables.x
}

describe('a variable from an event', () => {
  it.each([
    ['{{data.node}}', 'worker-1'],
    ['{{event.data.node | upcase}}', 'WORKER-1'],
    ['{{subject}}', subject],
    ['{{type}} {{id}} {{source}} {{time}}', 'Kube event-1 https://example.com 2026-01-31T12:00:00Z'],
    ['{{cluster}}', 'C1'],
    ['{{tokens[3]}}/{{tokens[4]}}/{{tokens.last}}', 'namespaces/prod/events'],
    ['{{namespace}} {{resource}} {{name}} {{observation}}', 'prod pods web-1 events'],
    ['{{title}}, {{severity}}', 'OOMKilling: pod/web-1 in C1/prod, error'],
    ['{{text}}', /reason: OOMKilling/],
    ['{% for field in fields %}{{field.label}} {% endfor %}', 'cluster namespace pod reason '],
    [
      '{{hook.namespace}}/{{hook.name}} {{additional}} {{link}}',
      'ops/a by night https://console.example/event-1',
    ],
    ['as it stands', 'as it stands'],
    ['', ''],
  ])('is what %s stands for', async (template, text) => {
    expect(await value(template)).toEqual(typeof text === 'string' ? text : expect.stringMatching(text))
  })

  it.each([
    '{{data.nothing}}',
    '{{nothing}}',
    '{{data.node.deeper.still}}',
    '{{tokens[99]}}',
    '{{provider}}',
  ])('is empty where the event has no %s', async template => {
    expect(await value(template)).toBe('')
  })

  it('is empty where the event has no data, or other data than an object', async () => {
    for (const data of [undefined, null, 'text', 7, []])
      expect(await value('{{data.node}}', { data })).toBe('')
  })

  it.each([
    ...[
      `'`,
      '"',
      '$(touch x)',
      '`touch x`',
      '; rm -rf /',
      'a\nb\r\nc',
      '{{ hook.name }}',
      '{% raw %}',
      `\${PATH}`,
    ],
    ...['\\', '\u0000', '\u202e', '🙂', ' leading and trailing '],
  ])('is data, whatever stands in it: %j', async node => {
    expect(await value('{{data.node}}', { data: { node } })).toBe(node)
  })

  it('has whole characters only', async () => {
    expect(await value('{{data.node}}', { data: { node: 'a\ud800' } })).toBe('a\ufffd')
  })

  it('is not taken from what an event says of itself where its subject says it', async () => {
    expect(await value('{{namespace}} {{name}}', { namespace: 'kube-system', name: 'other' })).toBe(
      'prod web-1',
    )
    expect(await value('{{myextension}}', { myextension: 'x' })).toBe('x')
    expect(await value('{{text}}{{constructor}}{{deliveryid}}', { type: 'T', text: 'x', data: 'y' })).toBe(
      '"y"',
    )
  })

  it('may have 100 KiB and not more', async () => {
    const most = 100 * 1024
    expect(await value('{{data}}', { data: 'ü'.repeat(most / 2) })).toHaveLength(most / 2)
    expect(await value('{{data}}', { data: `${'ü'.repeat(most / 2)}.` })).toBe(
      'options.variables.x makes 102401 bytes of this event, at most 102400 are allowed',
    )
    const many = Object.fromEntries(Array.from({ length: 6 }, (_, n) => [`v${n}`, '{{data}}']))
    expect(await given(many, { data: 'x'.repeat(100_000) })).toEqual({
      problem: 'Its variables have 600000 bytes together, at most 524288 are allowed',
    })
  })

  it('cannot take for ever, and is not tried again when it would', async () => {
    const endless =
      '{% for a in (1..1000) %}{% for b in (1..1000) %}{% for c in (1..1000) %}x{% endfor %}{% endfor %}{% endfor %}'
    expect(await value(endless)).toMatch(/^options\.variables\.x cannot be filled: .*limit exceeded/)
    expect(await value('{{ data.node | nope }}')).toMatch(/cannot be filled: undefined filter: nope/)
  })

  it('stands beside a description', async () => {
    expect(await given({ x: 'y' }, {}, 'cordon {{data.node}}')).toEqual({
      variables: { x: 'y' },
      desc: 'cordon worker-1',
    })
    expect(await given({}, {}, '{{data.nothing}}')).toEqual({ variables: {} })
  })
})

describe('namedIn()', () => {
  it.each([
    [subject, { cluster: 'c1', namespace: 'prod', resource: 'pods', name: 'web-1', observation: 'events' }],
    [
      'ops.clusters.c1.nodes.n1.findings',
      { cluster: 'c1', resource: 'nodes', name: 'n1', observation: 'findings' },
    ],
    [
      'ops.clusters.c1.patterns.k1.alerts',
      { cluster: 'c1', resource: 'patterns', name: 'k1', observation: 'alerts' },
    ],
    ['ops.clusters.c1.namespaces.prod.mine', { cluster: 'c1', namespace: 'prod', resource: 'mine' }],
    ['ops.clusters', {}],
    ['ops.notifications.providers.ai.channels.web.severities.info', { provider: 'ai', channel: 'web' }],
    ['else.clusters.c1.nodes.n1.findings', {}],
    ['', {}],
  ])('reads %s', (text, names) => {
    expect(JSON.parse(JSON.stringify(namedIn(text)))).toEqual(names)
  })
})
