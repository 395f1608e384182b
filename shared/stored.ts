/** An event as it lies in the database: what is asked for often has a column, the rest is in `data` and `attributes`. */
export type StoredEvent = {
  id: string
  source: string
  /** When it happened: the event's own time. Days are parts of the table, in UTC. */
  time: Date
  /** The NATS subject; empty where the event had none. */
  subject: string
  /** The CloudEvent's `type`. */
  event_type: string
  /** `data.type`, such as Warning; where the data has none, the CloudEvent's. */
  type: string
  cluster: string
  namespace: string
  kind: string
  name: string
  reason: string
  node: string
  /** `pods`, from the subject. */
  resource: string
  /** The last token of the subject. */
  observation: string
  category: string
  /** OpenTelemetry's number; `shared/severity.ts` has its word. */
  severity: number
  /** How many of `count` are new: what counts add up. */
  occurrences: number
  /** `correlationid`, or null for what is about nothing. */
  correlation: string | null
  /** What people read and full text is looked for in; empty where there is none. */
  message: string
  /** Identifies the message without what varies in it (`image foo:1.2.3 not found`); null without a message. */
  template: string | null
  /** `data` as it came; null where there was none. */
  data: unknown
  /** The CloudEvent's other attributes and extensions, and `data_base64`. */
  attributes: Record<string, unknown>
  /** For how many days it is kept: one of the classes of the retention. */
  keep: number
}
