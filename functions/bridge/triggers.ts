import { z } from 'zod'
import type { Order } from '../../shared/orders.ts'
import { patternProblem } from '../../shared/subject.ts'

const isoDuration = /^P(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/

/** ISO 8601, as Knative writes durations: `PT0.5S`, `PT2M`, `P1D`. Read as milliseconds. */
export const Duration = z
  .string()
  .refine(
    text => isoDuration.test(text) && /\d/.test(text),
    'it has to be an ISO 8601 duration such as PT30S',
  )
  .transform(text => {
    const [, days = 0, hours = 0, minutes = 0, seconds = 0] = isoDuration.exec(text) ?? []
    return (((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000
  })

const Subject = z.string().superRefine((text, context) => {
  const problem = patternProblem(text)
  if (problem) context.addIssue({ code: 'custom', message: `"${text}" is no subject pattern: ${problem}` })
})

/** One trigger, in Knative's words: which events go to which sink, and what happens when it does not take them. */
export const Trigger = z.strictObject({
  /** Names the durable consumer, shared by all replicas of the bridge. */
  name: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'it has to be lower-case letters, digits and "-"'),
  stream: z.enum(['ops', 'deliveries', 'runs']).default('ops'),
  filter: z.strictObject({ subjects: z.array(Subject).min(1) }),
  sink: z.strictObject({ uri: z.url({ protocol: /^https?$/, error: 'it has to be http:// or https://' }) }),
  delivery: z
    .strictObject({
      retry: z.number().int().min(0).max(100).default(10),
      /** `ladder`: 5 s, 30 s, 2 min, 10 min, 30 min, 1 h, 2 h and so on, whatever the delays below. */
      backoffPolicy: z.enum(['exponential', 'linear', 'ladder']).default('exponential'),
      backoffDelay: Duration.default(500),
      /** The longest that a back-off grows to. */
      backoffMax: Duration.default(300_000),
      /** How long after its first attempt an event is tried for the last time. */
      maxAge: Duration.optional(),
      /** How many events of one subject may wait for another attempt; further ones become dead letters at once. */
      backlog: z.number().int().min(1).optional(),
      /** Of one request, long enough for a function that has to wake first. */
      timeout: Duration.default(60_000),
      /** Whether what is given up goes to the stream `deadletters`; without it, it is gone. */
      deadLetter: z.boolean().default(true),
    })
    .prefault({}),
  /** The most events in one request; 1 means single events in binary mode, as sinks that never asked for batches need. */
  batch: z.number().int().min(1).max(1000).default(1),
  /** The most requests at once, of one replica; grouped, as many again that hang. */
  concurrency: z.number().int().min(1).max(1000).default(8),
  /** Events of one object one after the other; one replica at a time pulls. */
  ordered: z.boolean().default(false),
  /** `subject`: a batch never mixes subjects, and one request at a time runs for each. */
  groupBy: z.enum(['none', 'subject']).default('none'),
  /** `hooks`: what no hook's subject covers is acknowledged without waking the sink. */
  covers: z.enum(['all', 'hooks']).default('all'),
  /** A function of ours: gets the bridge's token, and its 401, 403 or 405 is a broken trigger, no verdict. */
  own: z.boolean().default(false),
  /** A request lasts as long as the work that it starts: as many as may be out go at once, and none of them as a probe. */
  held: z.boolean().default(false),
  deliverPolicy: z.enum(['all', 'new']).default('new'),
})
export type Trigger = z.infer<typeof Trigger>

/** The variables that say where the functions of our own triggers are, and how long a delivery is tried. */
export const ownTriggerVariables = {
  HOOK_EVALUATE_URL: z.url().optional(),
  WEBHOOK_DELIVER_URL: z.url().optional(),
  CRON_TASKRUN_URL: z.url().optional(),
  EVENT_STORE_URL: z.url().optional(),
  DELIVERY_MAX_AGE: Duration.optional(),
}

/**
 * The orders of stream `runs`, by how soon they are answered: `held` is a request for as long as scripts run here or a
 * host is asked. Those have a trigger of their own, so that many that run for an hour keep none of the others waiting.
 */
const answers = {
  due: 'soon',
  start: 'held',
  refuse: 'soon',
  ended: 'soon',
  advance: 'soon',
  overdue: 'soon',
  retire: 'soon',
  gone: 'soon',
  create: 'soon',
  probe: 'held',
} as const satisfies Record<Order['order'], 'soon' | 'held'>

const ordersAnswered = (how: 'soon' | 'held') =>
  Object.entries(answers).flatMap(([order, is]) => (is === how ? [`runs.*.*.*.${order}`] : []))

/** Our own triggers, as far as their functions have a URL; how long a delivery is tried, in ms. */
export function ownTriggers(env: Partial<z.output<z.ZodObject<typeof ownTriggerVariables>>>): Trigger[] {
  const triggers: z.input<typeof Trigger>[] = []
  if (env.HOOK_EVALUATE_URL) {
    triggers.push({
      name: 'hook-evaluate',
      stream: 'ops',
      filter: { subjects: ['ops.>'] },
      sink: { uri: env.HOOK_EVALUATE_URL },
      delivery: { retry: 20 },
      batch: 50,
      concurrency: 4,
      ordered: true,
      covers: 'hooks',
      own: true,
      deliverPolicy: 'all',
    })
  }
  if (env.WEBHOOK_DELIVER_URL) {
    triggers.push({
      name: 'webhook-deliver',
      stream: 'deliveries',
      filter: { subjects: ['deliveries.>'] },
      sink: { uri: env.WEBHOOK_DELIVER_URL },
      delivery: {
        ...{ retry: 100, backoffPolicy: 'ladder', backoffDelay: 'PT1S', backlog: 10_000 },
        maxAge: written(env.DELIVERY_MAX_AGE ?? day),
      },
      batch: 50,
      concurrency: 32,
      groupBy: 'subject',
      own: true,
      deliverPolicy: 'all',
    })
  }
  if (env.EVENT_STORE_URL) {
    triggers.push({
      name: 'event-store',
      stream: 'ops',
      filter: { subjects: ['ops.>'] },
      sink: { uri: env.EVENT_STORE_URL },
      delivery: { retry: 20 },
      // A transaction each: large ones cost little more than small ones, and two keep the database busy.
      batch: 500,
      concurrency: 2,
      own: true,
      deliverPolicy: 'all',
    })
  }
  if (env.CRON_TASKRUN_URL) {
    const common = {
      stream: 'runs',
      sink: { uri: env.CRON_TASKRUN_URL },
      // Nobody may give an order again: it outlasts an API server that is away for an hour.
      delivery: { retry: 100, backoffMax: 'PT2M', timeout: 'PT5M' },
      concurrency: 64,
      own: true,
      deliverPolicy: 'all',
    } as const
    triggers.push(
      // One order of an object after the other, and none that takes long holds up those of other objects.
      { ...common, name: soonTrigger, filter: { subjects: ordersAnswered('soon') }, groupBy: 'subject' },
      {
        ...common,
        name: heldTrigger,
        filter: { subjects: ordersAnswered('held') },
        held: true,
        // Longer than scripts run: what is asked again after it is told that it still runs.
        delivery: { ...common.delivery, timeout: 'PT6H' },
      },
    )
  }
  return triggers.map(trigger => Trigger.parse(trigger))
}

const soonTrigger = 'cron-taskrun'
const heldTrigger = 'cron-taskrun-held'

/**
 * The triggers as a server can serve them: one before 2.10 cannot filter a work queue for several subjects, so there one
 * trigger takes all orders of runs, and others wait once very many are held.
 */
export function servedTriggers(triggers: Trigger[], manyFilters: boolean): Trigger[] {
  const held = triggers.find(({ name }) => name === heldTrigger)
  if (manyFilters || !held) return triggers
  return triggers.flatMap(trigger => {
    if (trigger.name !== soonTrigger) return trigger === held ? [] : [trigger]
    const { timeout } = held.delivery
    const delivery = { ...trigger.delivery, timeout }
    return [{ ...trigger, filter: { subjects: ['runs.>'] }, delivery, held: true }]
  })
}

/**
 * Our own triggers and those of a file (a YAML list); one of the same name replaces the fields that it gives.
 * @throws Error naming the trigger and the field
 */
export function allTriggers(own: Trigger[], more: unknown): Trigger[] {
  const list = z.array(z.looseObject({ name: z.string() })).safeParse(more ?? [])
  if (!list.success)
    throw new Error('Cannot read the triggers: they have to be a list of objects with a name each')
  const byName = new Map(own.map(trigger => [trigger.name, trigger]))
  for (const given of list.data) {
    const read = Trigger.safeParse(merged(byName.get(given.name), given))
    if (!read.success) {
      const [issue] = read.error.issues
      const field = issue?.path.length ? `${issue.path.join('.')}: ` : ''
      throw new Error(`Cannot read trigger "${given.name}": ${field}${issue?.message}`)
    }
    byName.set(given.name, read.data)
  }
  return [...byName.values()]
}

/** How many requests of a trigger may be out: those that hang on one group take no places of the others. */
export const mostRequests = ({ groupBy, concurrency }: Trigger) =>
  groupBy === 'none' ? concurrency : 2 * concurrency

/** Where a trigger's requests go; a URL is dear to parse. */
export function urlOf({ sink }: Trigger): URL {
  const known = parsed.get(sink)
  if (known) return known
  const url = new URL(sink.uri)
  parsed.set(sink, url)
  return url
}
const parsed = new WeakMap<Trigger['sink'], URL>()

const day = 24 * 3600_000
const written = (milliseconds: number) => `PT${milliseconds / 1000}S`

// What is parsed already has its durations as numbers: it goes back in as it would be written.
function merged(own: Trigger | undefined, given: Record<string, unknown>): unknown {
  if (!own) return given
  const delivery = {
    ...own.delivery,
    backoffDelay: written(own.delivery.backoffDelay),
    backoffMax: written(own.delivery.backoffMax),
    timeout: written(own.delivery.timeout),
    ...(own.delivery.maxAge !== undefined && { maxAge: written(own.delivery.maxAge) }),
    ...(typeof given.delivery === 'object' && given.delivery),
  }
  return { ...own, ...given, delivery }
}
