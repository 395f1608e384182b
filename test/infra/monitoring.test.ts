import { readFileSync } from 'node:fs'
import type { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { leafMetrics } from '../../functions/bridge/leaf-metrics.ts'
import { ledgerMetrics } from '../../functions/bridge/ledger/metrics.ts'
import { metricsOf } from '../../functions/bridge/metrics.ts'
import { contextMetrics } from '../../functions/watcher/context/metrics.ts'
import { eventMetrics } from '../../functions/watcher/events/metrics.ts'
import { openMetrics } from '../../functions/watcher/metrics.ts'
import { runMetrics } from '../../functions/watcher/runs/metrics.ts'
import { ruleFile } from '../../infra/prometheus/write.ts'

const text = (path: string) => readFileSync(new URL(`../../infra/${path}`, import.meta.url), 'utf8')

const Rules = z.object({
  groups: z.array(z.object({ rules: z.array(z.object({ alert: z.string(), expr: z.string() })) })),
})
const Panel = z.object({
  id: z.int(),
  title: z.string().min(1),
  gridPos: z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }),
  targets: z.array(z.object({ expr: z.string() })).default([]),
})
const Dashboard = z.object({ uid: z.string(), panels: z.array(Panel) })

/** The names under which the processes' metrics are scraped, each with its labels. */
async function registered(): Promise<Set<string>> {
  const { registry: watcher } = openMetrics()
  eventMetrics(watcher, { budget: 1, away: () => false })
  runMetrics(watcher, () => 0)
  contextMetrics(watcher).remembered(() => 0)
  const { registry: bridge } = metricsOf()
  ledgerMetrics(bridge, () => undefined)
  leafMetrics(bridge, [])
  const all = [watcher, bridge].flatMap((registry: Registry) => registry.getMetricsAsArray())
  return new Set(
    all.flatMap(({ name, type }) =>
      String(type) === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  )
}

const namesIn = (expression: string) => expression.match(/\b(ops|event_exporter)_[a-z_]+/g) ?? []

const rules = Rules.parse(parse(text('prometheus/rules.yaml'))).groups.flatMap(group => group.rules)
const dashboard = Dashboard.parse(JSON.parse(text('grafana/ops-events.json')))

describe('what is shown and alerted on', async () => {
  const names = await registered()

  it('is counted by a process, each of it', () => {
    const expressions = [
      ...rules.map(({ expr }) => expr),
      ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    ]
    const asked = new Set(expressions.flatMap(namesIn))
    expect(asked.size).toBeGreaterThan(20)
    expect([...asked].filter(name => !names.has(name))).toEqual([])
  })

  it('has a test for each alert that names one', () => {
    const tested = text('prometheus/rules.test.yaml')
    const untested = rules.map(({ alert }) => alert).filter(alert => !tested.includes(alert))
    // Of these there is no more to say than what stands in them.
    expect(untested).toEqual([
      ...['OpsWatcherBusAway', 'OpsWatcherLate', 'OpsWatcherSeriesFolded', 'OpsHooksRefused'],
    ])
  })

  it('lies on the dashboard without covering each other', () => {
    const panels = dashboard.panels
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
    expect(panels.filter(({ gridPos }) => gridPos.x + gridPos.w > 24)).toEqual([])
  })
})

const Route = z.object({ receiver: z.string(), matchers: z.array(z.string()).default([]) })
const Alertmanager = z.object({
  route: Route.extend({ routes: z.array(Route) }),
  receivers: z.array(z.object({ name: z.string() })),
  inhibit_rules: z.array(
    z.object({ source_matchers: z.array(z.string()), target_matchers: z.array(z.string()) }),
  ),
})

describe('the rules for the Prometheus Operator', () => {
  it('are those for Prometheus itself: else run "npm run alerts"', () => {
    expect(text('prometheus/prometheusrule.yaml')).toBe(ruleFile())
  })
})

describe('the routes of Alertmanager', () => {
  const { route, receivers, inhibit_rules } = Alertmanager.parse(
    parse(text('alertmanager/alertmanager.yaml')),
  )

  it('lead to receivers that are there', () => {
    const there = receivers.map(({ name }) => name)
    expect([route, ...route.routes].map(one => one.receiver).filter(name => !there.includes(name))).toEqual(
      [],
    )
  })

  it('ask for alerts that there are', () => {
    const matchers = [
      ...route.routes.flatMap(one => one.matchers),
      ...inhibit_rules.flatMap(rule => [...rule.source_matchers, ...rule.target_matchers]),
    ]
    const alerts = matchers.flatMap(matcher => /^alertname=~?"(.*)"$/.exec(matcher)?.[1]?.split('|') ?? [])
    expect(alerts.length).toBeGreaterThan(0)
    expect(alerts.filter(name => !rules.some(({ alert }) => alert === name))).toEqual([])
  })
})

describe('what the Prometheus Operator scrapes', () => {
  const monitors = parseAllDocuments(text('prometheus/monitors.yaml')).map(document => document.toJS())

  it('leaves the labels of events as they are', () => {
    expect(monitors.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toEqual([
      ...['PodMonitor/ops-watcher', 'PodMonitor/ops-bridge', 'ServiceMonitor/ops-events'],
    ])
    for (const { spec } of monitors)
      for (const endpoint of spec.podMetricsEndpoints ?? spec.endpoints)
        expect(endpoint).toMatchObject({ path: '/metrics', honorLabels: true })
  })
})
