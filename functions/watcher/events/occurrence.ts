import { z } from 'zod'

const time = z.string().nullish()
const Reference = z
  .object({
    kind: z.string().nullish(),
    apiVersion: z.string().nullish(),
    namespace: z.string().nullish(),
    name: z.string().nullish(),
    uid: z.string().nullish(),
    fieldPath: z.string().nullish(),
  })
  .nullish()

const Source = z.object({ component: z.string().nullish(), host: z.string().nullish() }).nullish()

const common = {
  metadata: z.object({
    name: z.string(),
    namespace: z.string().nullish(),
    uid: z.string(),
    resourceVersion: z.string(),
    creationTimestamp: time,
    deletionTimestamp: time,
    labels: z.record(z.string(), z.string()).nullish(),
  }),
  type: z.string().nullish(),
  reason: z.string().nullish(),
  action: z.string().nullish(),
  eventTime: time,
  related: Reference,
  reportingInstance: z.string().nullish(),
  series: z.object({ count: z.number().nullish(), lastObservedTime: time }).nullish(),
}

/** An Event of `events.k8s.io/v1`. Only what is used is read: a newer server's fields are no error. */
const EventsV1 = z.object({
  ...common,
  regarding: Reference,
  note: z.string().nullish(),
  reportingController: z.string().nullish(),
  deprecatedSource: Source,
  deprecatedCount: z.number().nullish(),
  deprecatedFirstTimestamp: time,
  deprecatedLastTimestamp: time,
})

/** The same as core/v1 has it. */
const CoreV1 = z
  .object({
    ...common,
    involvedObject: Reference,
    message: z.string().nullish(),
    reportingComponent: z.string().nullish(),
    source: Source,
    count: z.number().nullish(),
    firstTimestamp: time,
    lastTimestamp: time,
  })
  .transform(
    ({
      involvedObject,
      message,
      reportingComponent,
      source,
      count,
      firstTimestamp,
      lastTimestamp,
      ...rest
    }) => ({
      ...rest,
      regarding: involvedObject,
      note: message,
      reportingController: reportingComponent,
      deprecatedSource: source,
      deprecatedCount: count,
      deprecatedFirstTimestamp: firstTimestamp,
      deprecatedLastTimestamp: lastTimestamp,
    }),
  )

/** An event object of either API, in the words of the newer one. */
export type KubeEvent = z.infer<typeof EventsV1>

/** The API that events are read from. */
export type EventsApi = 'events.k8s.io/v1' | 'v1'

export const parseKubeEvent = (api: EventsApi, value: unknown): KubeEvent =>
  api === 'v1' ? CoreV1.parse(value) : EventsV1.parse(value)

export type Operation = 'ADDED' | 'MODIFIED' | 'DELETED'

/** How often it has happened: a series' own count, the older count, or once. */
export const countOf = (event: KubeEvent): number =>
  Math.max(event.series?.count ?? 0, event.deprecatedCount ?? 0, 1)

/** When it last happened, as ISO 8601: three shapes of events keep it in different fields. */
export function lastHappened(event: KubeEvent): string | undefined {
  const { series, eventTime, metadata, deprecatedLastTimestamp, deprecatedFirstTimestamp } = event
  return (
    series?.lastObservedTime ||
    eventTime ||
    metadata.deletionTimestamp ||
    deprecatedLastTimestamp ||
    deprecatedFirstTimestamp ||
    metadata.creationTimestamp ||
    undefined
  )
}

/** Data of a CloudEvent of type `Kube`; what is empty is left out. `occurrences`: how many of `count` are new. */
export function kubeData(
  event: KubeEvent,
  about: { cluster: string; operation: Operation; occurrences: number },
): Record<string, unknown> {
  const { regarding, deprecatedSource, related } = event
  const node = deprecatedSource?.host || (regarding?.kind === 'Node' ? regarding.name : undefined)
  return filled({
    cluster: about.cluster,
    type: event.type,
    reason: event.reason,
    eventTime: lastHappened(event),
    from: event.reportingController || deprecatedSource?.component,
    message: event.note,
    kind: regarding?.kind,
    apiVersion: regarding?.apiVersion,
    namespace: regarding?.namespace,
    name: regarding?.name,
    uid: regarding?.uid,
    fieldPath: regarding?.fieldPath,
    action: event.action,
    count: countOf(event),
    occurrences: about.occurrences,
    firstTime: event.deprecatedFirstTimestamp || event.eventTime || event.metadata.creationTimestamp,
    lastTime: lastHappened(event),
    reportingController: event.reportingController,
    reportingInstance: event.reportingInstance,
    node,
    related: related ? filled(related) : undefined,
    operation: about.operation,
  })
}

const filled = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== null && value !== ''),
  )
