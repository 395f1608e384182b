import { z } from 'zod'
import { duration } from './duration.ts'
import { Filter } from './filter.ts'
import { HookType, MatchMode, MatchType } from './hook-words.ts'

const anyCase = <T extends z.ZodEnum>(words: T) =>
  z
    .preprocess(word => (typeof word === 'string' ? word.toUpperCase() : word), words)
    .meta({ 'x-any-case': true })

export const Keywords = z.strictObject({
  include: z
    .array(z.string())
    .default([])
    .describe('Words of which one (ANY) or each (ALL) must be in the text'),
  exclude: z
    .array(z.string())
    .default([])
    .describe('Words of which none may be in the text, whatever the mode'),
  matchMode: anyCase(MatchMode).default('ANY').describe('Whether one include is enough or each is needed'),
  matchType: anyCase(MatchType)
    .default('CONTAINS')
    .describe('Substring, the whole text, or a regular expression in RE2 syntax, unanchored'),
})
export type Keywords = z.infer<typeof Keywords>

const hour = 3_600_000

/** Names of attributes, or of the data's fields as `data.x`; a bare name that is no attribute is read as the data's. */
const names = z.array(z.string().min(1).max(128)).max(16)

export const Dedup = z.strictObject({
  window: duration(1_000, 24 * hour).describe('For how long only the first goes out, such as 10m'),
  key: names
    .min(1)
    .default(['subject', 'reason'])
    .describe('What makes two events the same: attributes, or fields of the data as data.x'),
})

export const Threshold = z.strictObject({
  count: z.int().min(2).max(10_000).describe('So many within the window, and it fires'),
  window: duration(1_000, 24 * hour).describe('Such as 5m'),
  groupBy: names.default([]).describe('What is counted apart: attributes, or fields of the data as data.x'),
})

export const Storm = z.strictObject({
  limit: z
    .int()
    .min(0)
    .max(1_000_000)
    .describe('So many a minute; what is more goes into one digest a minute. 0 is no limit'),
})

export const SecretRef = z.strictObject({
  name: z.string().min(1).max(253).describe('Name of the Secret, in the namespace of the hook'),
  keys: z
    .record(z.string().regex(/^(url|options\.[\w.-]{1,128})$/), z.string().min(1).max(253))
    .describe('Which field of the hook, url or options.x, is which key of the Secret'),
})

/** `spec` of an EventHooks resource: which events, and what to do with them. */
export const HookSpec = z.strictObject({
  type: HookType.describe('The kind of receiver'),
  subject: z.string().describe('Subject pattern in NATS syntax: "*" one token, ">" one or more at the end'),
  keywords: Keywords.optional(),
  url: z.string().optional().describe('Where to send to; for type event the target subject'),
  additional: z.string().optional().describe('Text that is handed to the receiver with every event'),
  options: z.record(z.string(), z.string()).default({}).describe('Settings of the type'),
  filters: z
    .array(Filter)
    .max(32)
    .optional()
    .describe('CloudEvents Subscriptions filters over attributes and data.x, each of which has to hold'),
  dedup: Dedup.optional().describe(
    'The first goes out at once, the same within the window is counted and told later',
  ),
  threshold: Threshold.optional().describe('Fires only when so many came within a window'),
  storm: Storm.optional().describe(
    'Above this rate the hook sends digests; chat types have a limit of 60 unless given',
  ),
  resolve: z
    .boolean()
    .optional()
    .describe('Whether the end of a trouble is told too, such as NodeReady after NodeNotReady'),
  suspend: z.boolean().optional().describe('Whether the hook is switched off'),
  secretRef: SecretRef.optional().describe('What comes from a Secret, in place of what stands here'),
  template: z
    .string()
    .max(16_384)
    .optional()
    .describe('The text of the notification in Liquid, in place of ours'),
})
export type HookSpec = z.infer<typeof HookSpec>

/** The group and version of all our resources. */
export const apiVersion = 'crd.chenshaowen.com/v1'

/** An EventHooks resource, as people write it. */
export const EventHooks = z.object({
  apiVersion: z.literal(apiVersion),
  kind: z.literal('EventHooks'),
  metadata: z.object({
    name: z.string().min(1),
    namespace: z.string().min(1).default('default'),
    generation: z.number().int().optional(),
  }),
  spec: HookSpec,
})
export type EventHooks = z.infer<typeof EventHooks>
