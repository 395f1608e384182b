import type { OpsEvent } from '../../../shared/event.ts'
import { idOf } from '../../../shared/id.ts'

export const noon = Date.parse('2026-01-31T12:00:00Z')
export const minute = 60_000
export const day = 24 * 3600_000

/** A pod's event of its own id, a second after the one before it; `more` replaces attributes. */
export function backOff(at: number, more: Partial<OpsEvent> = {}): OpsEvent & { subject: string } {
  return {
    specversion: '1.0',
    id: idOf('event-store-test', String(at)),
    source: 'test',
    type: 'Kube',
    subject: `ops.clusters.c1.namespaces.shop.pods.web-${at % 7}.events`,
    time: new Date(noon + at * 1_000).toISOString(),
    datacontenttype: 'application/json',
    cluster: 'c1',
    data: {
      ...{
        kind: 'Pod',
        namespace: 'shop',
        name: `web-${at % 7}`,
        type: 'Warning',
        reason: `Reason${at % 3}`,
      },
      ...{ message: `Back-off number ${at}`, occurrences: (at % 4) + 1 },
    },
    ...more,
  } as OpsEvent & { subject: string }
}

export const backOffs = (many: number, from = 0) =>
  Array.from({ length: many }, (_, at) => backOff(from + at))
