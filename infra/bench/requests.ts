/** How many events a request of the bridge held on average, by trigger, from the text of its /metrics. */
export function eventsPerRequest(metrics: string): Record<string, number> {
  const requests = valuesOf(metrics, 'ops_bridge_request_duration_seconds_count')
  const delivered = valuesOf(metrics, 'ops_bridge_delivered_events_total')
  return Object.fromEntries(
    [...delivered].map(([trigger, events]) => [trigger, events / (requests.get(trigger) ?? 0)]),
  )
}

function valuesOf(metrics: string, name: string): Map<string, number> {
  const lines = metrics.matchAll(/^(\w+)\{trigger="([^"]+)"\} (\S+)$/gm)
  return new Map(
    [...lines].flatMap(([, of, trigger = '', value]) => (of === name ? [[trigger, Number(value)]] : [])),
  )
}
