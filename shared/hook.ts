import { z } from 'zod'

/** The kinds of receivers a hook can have. Each has a row in webhook-deliver's table of sinks, or does not compile. */
export const HookType = z.enum(['webhook', 'xiezuo', 'event'])
export type HookType = z.infer<typeof HookType>

export const MatchMode = z.enum(['ANY', 'ALL'])
export type MatchMode = z.infer<typeof MatchMode>

export const MatchType = z.enum(['CONTAINS', 'EXACT', 'REGEX'])
export type MatchType = z.infer<typeof MatchType>

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

/** `spec` of an EventHooks resource: which events, and what to do with them. */
export const HookSpec = z.strictObject({
  type: HookType.describe('The kind of receiver'),
  subject: z.string().describe('Subject pattern in NATS syntax: "*" one token, ">" one or more at the end'),
  keywords: Keywords.optional(),
  url: z.string().describe('Where to send to; for type event the target subject'),
  additional: z.string().optional().describe('Text that is handed to the receiver with every event'),
  options: z.record(z.string(), z.string()).default({}).describe('Settings of the type'),
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
