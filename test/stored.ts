import { hash } from 'node:crypto'
import { correlationIdOf, rootOf } from '../shared/correlation.ts'
import { type Severity, severityNumber } from '../shared/severity.ts'
import type { StoredEvent } from '../shared/stored.ts'

/** An event of Kubernetes in short; `owners` from the nearest to the root, as `ReplicaSet/web-1`. */
export type Said = {
  at: string | number
  kind?: string
  namespace?: string
  name: string
  reason: string
  node?: string
  message?: string
  category?: string
  severity?: Severity
  owners?: string[]
  cluster?: string
  correlation?: string
  data?: Record<string, unknown>
}

/** The row that event-store would make of it; its id is a hash of what is said. */
export function stored(said: Said): StoredEvent {
  const {
    kind = 'Pod',
    name,
    reason,
    node = '',
    message = '',
    category = 'lifecycle',
    cluster = 'prod',
  } = said
  const { namespace = kind === 'Node' ? '' : 'shop', severity = 'info' } = said
  const time = new Date(said.at)
  const place = namespace ? `namespaces.${namespace}.${kind.toLowerCase()}s` : `${kind.toLowerCase()}s`
  const subject = `ops.clusters.${cluster}.${place}.${name}.events`
  const owners = said.owners?.map(owner => {
    const [ownerKind = '', ownerName = ''] = owner.split('/')
    return { kind: ownerKind, name: ownerName }
  })
  const data = {
    ...{ kind, namespace, name, reason, message, cluster },
    ...(owners && { owners }),
    ...said.data,
  }
  const id = hash('sha1', JSON.stringify(said))
  const root = rootOf({ specversion: '1.0', id, source: 'test', type: 'Kube', subject, cluster, data })
  return {
    ...{ id, source: 'test', time, subject, event_type: 'Kube' },
    ...{ type: severity === 'info' ? 'Normal' : 'Warning', cluster, namespace, kind, name, reason, node },
    ...{ resource: `${kind.toLowerCase()}s`, observation: 'events', category },
    ...{ severity: severityNumber[severity], occurrences: 1, message, template: null, data },
    correlation: said.correlation ?? (root ? correlationIdOf(root, time.getTime()) : null),
    ...{ attributes: {}, keep: 14 },
  }
}
