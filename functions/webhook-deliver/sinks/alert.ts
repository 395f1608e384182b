import { severityOf } from '../../../shared/classify.ts'
import { oneLine } from '../../../shared/clean.ts'
import { firstReason, turnOf } from '../../../shared/counter-events.ts'
import { isObject } from '../../../shared/json.ts'
import { aboutOf, plain } from '../../../shared/readable.ts'
import type { Severity } from '../../../shared/severity.ts'
import { cut } from '../markup/cut.ts'
import type { Shipment } from '../sink.ts'
import { parsed } from './json.ts'

/** One trouble, with words that are the same when it begins and when it ends. */
export type Alert = {
  /** What tells it from every other, within a hook. */
  key: string
  name: string
  severity: Severity
  /** Labels as Alertmanager knows them, none of them empty. */
  labels: Record<string, string>
}

/**
 * What a shipment is to services that hold alerts: those that it raises, or those that are over by it. An event that
 * only ends troubles (`NodeReady`) raises nothing, whether its hook asks for `resolve` or matches it by keyword.
 */
export function alertsOf(shipment: Shipment): { over: boolean; alerts: Alert[] } {
  const { event, notice, resolved } = shipment
  const turn = turnOf(event)
  const ends = turn?.ends ?? []
  const over = notice === 'resolved' || (!notice && turn?.raises.length === 0 && ends.length > 0)
  // One event may end several troubles: a container that started had its image pulled and its volumes mounted.
  const ended = resolved?.trouble ? [resolved.trouble] : ends
  const troubles = over ? ended : (turn?.raises ?? []).slice(0, 1)
  if (troubles.length === 0) return { over, alerts: [plainAlert(shipment)] }
  return { over, alerts: troubles.map(trouble => alertOf(shipment, trouble)) }
}

/** An alert that nothing is known to end. */
function plainAlert({ event, severity, hook }: Shipment): Alert {
  if (event.type === 'Digest') {
    // A storm is about the hook: the subject is only that of the first event in it.
    const labels = {
      alertname: 'Digest',
      cluster: plain(event.cluster),
      hook: `${hook.namespace}/${hook.name}`,
      severity,
    }
    return { key: 'digest', name: 'Digest', severity, labels: shown(labels) }
  }
  const data = isObject(event.data) ? event.data : {}
  const name = plain(data.reason) || (event.type === 'TaskRunReport' ? plain(data.kind) : '') || event.type
  const labels = { ...objectOf(event, data), alertname: name, severity }
  return { key: JSON.stringify([event.subject ?? '', name]), name, severity, labels: shown(labels) }
}

// Its end comes with another reason, type and severity: what both sides say is made of the trouble alone.
function alertOf({ event }: Shipment, trouble: string): Alert {
  const data = isObject(event.data) ? event.data : {}
  const [first = '', second = '', third = ''] = partsOf(trouble)
  const asRaised = (data: unknown) => severityOf({ ...event, severitytext: null, severitynumber: null, data })
  const made = (name: string, severity: Severity, labels: Record<string, string>): Alert => ({
    key: trouble,
    name,
    severity,
    labels: shown({ ...labels, alertname: name, severity }),
  })
  switch (event.type) {
    case 'Kube': {
      const reason = firstReason(second) ?? second
      const [, container = ''] = /\{(.+)\}/.exec(third) ?? []
      const labels = { ...objectOf(event, data), trouble: second, container }
      return made(reason, asRaised({ reason, type: 'Warning' }), labels)
    }
    case 'TaskRunReport':
      return made(third, asRaised({ status: 'alerting' }), { cluster: first, host: second })
    default:
      return made('HeartbeatFailed', asRaised({ status: { heartStatus: 'Failed' } }), objectOf(event, data))
  }
}

/** `cluster`, `namespace`, `kind` and `name` of what it is about. */
function objectOf(event: Shipment['event'], data: Record<string, unknown>): Record<string, string> {
  const about = aboutOf(event.subject ?? '')
  const kind = event.type === 'Kube' ? plain(data.kind).toLowerCase() : ''
  return {
    cluster: plain(data.cluster) || plain(event.cluster),
    namespace: plain(data.namespace) || (about.namespace ?? ''),
    kind: kind || (about.kind ?? ''),
    name: (event.type === 'Kube' ? plain(data.name) : '') || (about.name ?? ''),
    host: event.type === 'TaskRunReport' ? plain(data.host) : '',
  }
}

const shown = (labels: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(labels)
      .map(([label, value]) => [label, cut(oneLine(value), 512)] as const)
      .filter(([, value]) => value !== ''),
  )

function partsOf(trouble: string): string[] {
  const parts = parsed(trouble)
  return Array.isArray(parts) ? parts.map(plain) : []
}
