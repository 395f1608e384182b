import { isObject } from '../../../shared/json.ts'
import type { Shipment } from '../sink.ts'

/**
 * An event as a document: its data plus `@timestamp`, `subject`, `id`, `type` and `cluster`. Where the data has a
 * field of such a name, as Kubernetes' events have `type: Warning`, the data's stays; the event's own attributes are
 * all in `cloudevent` too. Other data than an object stands in `data` as text, as in the older system.
 */
export function documentOf({
  event,
  now,
  notice,
  held,
  resolved,
  additional,
}: Shipment): Record<string, unknown> {
  const { data, data_base64: _, ...attributes } = event
  const { id, type, subject, cluster, time, source } = event
  return {
    subject,
    id,
    type,
    cluster,
    ...(additional !== '' && { additional }),
    ...fieldsOf(event),
    '@timestamp': time ?? new Date(now).toISOString(),
    cloudevent: { ...attributes, source },
    ...(notice && { notice }),
    ...(held && { held }),
    ...(resolved && { resolved }),
  }
}

function fieldsOf({ data, data_base64: base64 }: Shipment['event']): Record<string, unknown> {
  if (data === undefined) return base64 === undefined ? {} : { data: base64 }
  if (!isObject(data)) return { data: typeof data === 'string' ? data : JSON.stringify(data) }
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined && value !== null))
}
