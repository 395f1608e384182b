import { z } from 'zod'

/**
 * The kinds of receivers a hook can have. Each has a row in shared/receivers.ts, and one in webhook-deliver's sinks.ts if
 * it sends to an address, or does not compile.
 */
export const HookType = z.enum([
  'webhook',
  'xiezuo',
  'event',
  'elasticsearch',
  'slack',
  'dingtalk',
  'feishu',
  'wecom',
  'teams',
  'discord',
  'telegram',
  'pagerduty',
  'alertmanager',
  'task',
])
export type HookType = z.infer<typeof HookType>

export const MatchMode = z.enum(['ANY', 'ALL'])
export type MatchMode = z.infer<typeof MatchMode>

export const MatchType = z.enum(['CONTAINS', 'EXACT', 'REGEX'])
export type MatchType = z.infer<typeof MatchType>
