import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments, stringify } from 'yaml'
import { judge } from '../../../functions/hook-evaluate/match.ts'
import { imported } from '../../../infra/ops/import.ts'
import type { OpsEvent } from '../../../shared/event.ts'
import { passes } from '../../../shared/filter.ts'
import type { CompiledHook } from '../../../shared/hookset.ts'
import { openLiquid } from '../../../shared/liquid.ts'
import { readableText } from '../../../shared/readable.ts'
import { complaints, memoryFolder } from '../../functions/watcher/folder-of.ts'

type Texts = Record<string, string>
type Rule = { receiver?: string; minCount?: number; labels?: Texts } & Partial<Record<Field, string>>
type Route = { drop?: Rule[]; match?: Rule[]; routes?: Route[] }
const fields = ['message', 'apiVersion', 'kind', 'namespace', 'reason', 'type', 'component', 'host'] as const
type Field = (typeof fields)[number]
type Happened = Record<Field, string> & { count: number; labels: Texts }

/** What event-exporter sends an event to, as its route.go and rule.go have it. */
function sentTo({ drop = [], match = [], routes = [] }: Route, event: Happened): string[] {
  if (drop.some(rule => matches(rule, event))) return []
  const own = match.flatMap(rule => (rule.receiver && matches(rule, event) ? [rule.receiver] : []))
  const below = match.every(rule => matches(rule, event)) ? routes : []
  return [...own, ...below.flatMap(route => sentTo(route, event))]
}

function matches(rule: Rule, event: Happened): boolean {
  const labels = Object.entries(rule.labels ?? {})
  return (
    fields.every(field => !rule[field] || finds(rule[field], event[field])) &&
    labels.every(
      ([name, pattern]) => event.labels[name] !== undefined && finds(pattern, event.labels[name]),
    ) &&
    event.count >= (rule.minCount ?? 0)
  )
}

// What it cannot read it takes for something that never matches.
function finds(pattern: string, text: string): boolean {
  const [, flag, rest = ''] = /^(\(\?i\))?(.*)$/s.exec(pattern) ?? []
  try {
    return new RegExp(rest, flag ? 'i' : '').test(text)
  } catch {
    return false
  }
}

/** The same event as the watcher tells it. */
function asOurs(event: Happened): OpsEvent {
  const { component, host, labels, count, ...rest } = event
  const texts = Object.entries({ ...rest, from: component, node: host, name: 'web-1' })
  const data = Object.fromEntries(texts.filter(([, text]) => text !== ''))
  return {
    ...{ specversion: '1.0', id: '1', source: 'test', type: 'Kube', cluster: 'prod' },
    subject: `ops.clusters.prod.${event.namespace === '' ? 'things' : `namespaces.${event.namespace}.things`}.web-1.events`,
    data: { cluster: 'prod', eventTime: '2026-01-31T12:00:00Z', ...data, count, labels },
  }
}

const webhook = (name: string) => ({ name, webhook: { endpoint: `http://127.0.0.1/${name}` } })

/** The hooks of a configuration, as the watcher compiles them, and what differs. */
function hooksOf(route: Route): { hooks: CompiledHook[]; differs: string[] } {
  const { yaml, differs } = imported(stringify({ route, receivers: [webhook('a'), webhook('b')] }), 'ops')
  const compiled = memoryFolder().write({ 'hooks.yaml': yaml })
  expect(complaints(compiled)).toEqual([])
  return { hooks: compiled.placed.map(({ hook }) => hook), differs }
}

const firedBy = (hooks: CompiledHook[], event: OpsEvent): string[] =>
  hooks
    .filter(hook => passes(hook.filters ?? [], event) && judge(hook, readableText(event)).fires)
    .map(({ name }) => name.slice(0, 1))

const one = fc.constantFrom
const anyCondition: fc.Arbitrary<Rule> = fc.oneof(
  fc.record({ kind: one('Pod', '^Pod$', 'Pod|Node', '^(Pod|Namespace)$', 'Pod.*Budget') }),
  fc.record({
    namespace: one('shop', '^kube-', 'system$', '*test*', '.*', '[^s]hop', '^(shop|kube-system)$'),
  }),
  fc.record({
    reason: one('BackOff', '^Failed', '^BackOff$|Scheduling$', '(?i)backoff', 'Off\\b', '\\s', '^$'),
  }),
  fc.record({ type: one('Normal', '^Warning$') }),
  fc.record({ component: one('kubelet', '^kubelet$', 'controller', 'a^b') }),
  fc.record({
    message: one('restarting', 'pull .* image$', '^Back', 'one.two', 'one\\stwo', '\\W$', 'reason: Back'),
  }),
  fc.record({ apiVersion: one('^v1$', 'beta', '^apps/') }),
  fc.record({ host: one('^node-1$') }),
  fc.record({ labels: fc.constantFrom<Texts[]>({ team: '^web$' }, { team: 'web' }) }),
)
const anyRule = fc
  .tuple(
    fc.array(anyCondition, { minLength: 1, maxLength: 2 }),
    fc.constantFrom({}, { receiver: 'a' }, { receiver: 'b' }),
  )
  .map(([conditions, receiver]): Rule => Object.assign({}, ...conditions, receiver))
const sending = anyRule.map((rule): Rule => ({ receiver: 'a', ...rule }))
const anyRoute: fc.Arbitrary<Route> = fc.record({
  drop: fc.array(anyRule, { maxLength: 1 }),
  match: fc.array(anyRule, { maxLength: 1 }),
  routes: fc.array(
    fc.record({ drop: fc.array(anyRule, { maxLength: 2 }), match: fc.array(sending, { maxLength: 2 }) }),
    { maxLength: 2 },
  ),
})
const anyEvent = fc.record({
  kind: fc.constantFrom('Pod', 'Node', 'PodDisruptionBudget', 'Namespace'),
  namespace: fc.constantFrom('shop', 'kube-system', 'my-shop', ''),
  reason: fc.constantFrom('BackOff', 'FailedScheduling', 'Backoff limit', 'Off', ''),
  type: fc.constantFrom('Normal', 'Warning', ''),
  component: fc.constantFrom('kubelet', 'node-controller', ''),
  message: fc.constantFrom(
    'Back-off restarting failed container',
    'Cannot pull my image',
    'one\ntwo',
    'x \nreason: BackOff \nfrom: kubelet \n',
    '',
  ),
  apiVersion: fc.constantFrom('v1', 'apps/v1', 'apps/v1beta1'),
  host: fc.constantFrom('node-1', ''),
  count: fc.constantFrom(1, 3, 7),
  labels: fc.constantFrom({}, { team: 'web' }, { team: 'website' }),
})

/** Those of the hooks of a receiver of which something is said that lets more events come. */
const isMore = (name: string, differs: string[]) =>
  differs.some(line => line.startsWith(name) && /not asked|that it dropped/.test(line))

describe('import event-exporter', () => {
  it('makes hooks that fire for what its routes sent, or tells what comes beside', () => {
    let alike = 0
    fc.assert(
      fc.property(anyRoute, fc.array(anyEvent, { minLength: 20, maxLength: 30 }), (route, events) => {
        const { hooks, differs } = hooksOf(route)
        for (const event of events) {
          const [ours, theirs] = [firedBy(hooks, asOurs(event)), sentTo(route, event)]
          for (const name of ['a', 'b']) {
            const [fired, sent] = [ours, theirs].map(names => names.filter(is => is === name).length)
            if (isMore(name, differs)) expect(fired).toBeGreaterThanOrEqual(sent ?? 0)
            else expect(fired).toBe(sent)
            if (!isMore(name, differs) && fired) alike++
          }
        }
      }),
      { seed: 7, numRuns: 80 },
    )
    expect(alike).toBeGreaterThan(50)
  })

  it('says of every receiver what becomes of it, and suspends those that there are none of', () => {
    const config = {
      maxEventAgeSeconds: 10,
      route: { match: ['dump', 'chat', 'queue', 'log', 'nobody'].map(receiver => ({ receiver })) },
      receivers: [
        {
          name: 'dump',
          elasticsearch: { hosts: ['http://es:9200'], indexFormat: 'kube-{2006-01-02}', apiKey: `\${KEY}` },
        },
        { name: 'chat', slack: { token: 'x', channel: '#ops', message: 'Now {{ .Reason }}' } },
        { name: 'queue', kafka: { topic: 'events' } },
        { name: 'log', stdout: {} },
      ],
    }
    const { yaml, differs } = imported(stringify(config), 'ops')
    const hooks = parseAllDocuments(yaml).flatMap(document => document.toJS() ?? [])
    expect(hooks.map(({ metadata, spec }) => [metadata.name, spec])).toEqual([
      [
        'dump',
        expect.objectContaining({
          type: 'elasticsearch',
          options: { index: 'kube-{YYYY-MM-DD}' },
          secretRef: { name: 'dump', keys: { 'options.headers.Authorization': 'headers.Authorization' } },
        }),
      ],
      [
        'chat',
        expect.objectContaining({
          type: 'slack',
          template: 'Now {{ data.reason }}',
          secretRef: { name: 'chat', keys: { url: 'url' } },
        }),
      ],
      ['queue', expect.objectContaining({ suspend: true })],
    ])
    expect(differs).toEqual(
      expect.arrayContaining([
        'all: maxEventAgeSeconds: nothing of this is carried over',
        expect.stringContaining('chat: slack: events went by a token'),
        expect.stringContaining('queue: kafka: there is no such receiver here'),
        'log: no hook: stdout: events are kept: npm run ops -- events, npm run ops -- tail',
        'nobody: no hook: there is no receiver of this name',
      ]),
    )
    for (const line of differs) expect(yaml).toContain(`# ${line.replace(/^[\w-]+: /, '')}`)
  })

  it.each([`\${TOKEN}`, '$TOKEN'])(
    'takes what is to come from the environment as %s out of a Secret',
    token => {
      const headers = { 'X-Token': token, Authorization: `Bearer ${token}`, 'X-Price': '5 $' }
      const receivers = [{ name: 'a', webhook: { endpoint: 'http://a/', headers } }]
      const { yaml, differs } = imported(
        stringify({ route: { match: [{ receiver: 'a' }] }, receivers }),
        'ops',
      )
      const { spec } = parse(yaml.split('---\n')[1] ?? '')
      expect(spec).toMatchObject({
        options: { 'headers.X-Price': '5 $' },
        secretRef: {
          keys: {
            'options.headers.X-Token': 'headers.X-Token',
            'options.headers.Authorization': 'headers.Authorization',
          },
        },
      })
      expect(yaml.match(/holds all of/g)).toHaveLength(1)
      expect(differs).toContain(`a: options.headers.Authorization: the Secret holds all of "Bearer ${token}"`)
    },
  )

  it('carries a layout over as the JSON that it makes', async () => {
    const layout = {
      what: '{{ .Reason }}: {{ .Message }}',
      labels: '{{ toJson .InvolvedObject.Labels }}',
      n: [1],
    }
    const { yaml } = imported(
      stringify({
        route: { match: [{ receiver: 'a' }] },
        receivers: [{ name: 'a', webhook: { endpoint: 'http://a/', layout } }],
      }),
      'ops',
    )
    const { spec } = parse(yaml.split('---\n')[1] ?? '')
    expect(spec.options).toEqual({ format: 'text' })
    const data = { reason: 'BackOff', message: 'a "quoted"\nline', labels: { team: 'web' } }
    const text = await (await openLiquid()).parseAndRender(spec.template, { data })
    expect(JSON.parse(text)).toEqual({ what: 'BackOff: a "quoted"\nline', labels: '{"team":"web"}', n: [1] })
  })

  it('leaves a drop out that asks text and fields together, and says so', () => {
    const { differs } = imported(
      stringify({
        route: { drop: [{ reason: 'Off', apiVersion: '^v1$' }], match: [{ receiver: 'a' }] },
        receivers: [webhook('a')],
      }),
      'ops',
    )
    expect(differs).toContainEqual(expect.stringMatching(/^a: drop left out, events come that it dropped: /))
  })
})
