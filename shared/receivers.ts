import type { HookType } from './hook-words.ts'
import { nearest } from './nearest.ts'
import { alertmanagerFlaws } from './receivers/alertmanager.ts'
import { credentialsOf } from './receivers/credentials.ts'
import { indexFlaws } from './receivers/index-name.ts'
import { mentionFlaws } from './receivers/mentions.ts'
import { pagerdutyFlaws } from './receivers/pagerduty.ts'
import type { Flaw, Receiver, Settings } from './receivers/settings.ts'
import { keysOf } from './receivers/signing-keys.ts'
import { taskFlaws, taskOptions, taskTemplates } from './receivers/task.ts'
import { telegramFlaws } from './receivers/telegram.ts'
import { webhookFlaws } from './receivers/webhook.ts'

/** The kinds whose deliveries somebody gets. Type event publishes, and nobody reads its options. */
export type ReceiverType = Exclude<HookType, 'event'>

/** Those that send to an address. */
export type SinkType = Exclude<ReceiverType, 'task'>

const chat = (service: Parameters<typeof mentionFlaws>[0], ...more: string[]) => ({
  options: ['mentions', ...more],
  flaws: mentionFlaws(service),
})

/** What each kind knows and asks of its settings, when the hook is applied and when it is sent. */
export const receivers: Record<ReceiverType, Receiver> = {
  webhook: { options: ['format'], flaws: webhookFlaws },
  xiezuo: { options: [] },
  elasticsearch: { options: ['index'], flaws: indexFlaws },
  slack: chat('slack', 'channel', 'username'),
  dingtalk: { ...chat('dingtalk'), signsItself: true },
  feishu: { ...chat('feishu'), signsItself: true },
  wecom: chat('wecom'),
  teams: chat('teams'),
  discord: chat('discord', 'username'),
  telegram: {
    home: new URL('https://api.telegram.org'),
    options: ['chat_id', 'token', 'mentions', 'thread', 'silent', 'parse_mode'],
    flaws: telegramFlaws,
  },
  pagerduty: {
    home: new URL('https://events.pagerduty.com'),
    options: ['routing_key'],
    flaws: pagerdutyFlaws,
  },
  alertmanager: { options: ['labels.', 'lasts'], flaws: alertmanagerFlaws },
  task: { inside: 'starts a Task', options: taskOptions, flaws: taskFlaws, templates: taskTemplates },
}

/** Those of every kind; `headers.` stands for all that begin so. */
const commonOptions = ['secret', 'username', 'password', 'bearer', 'headers.']

/**
 * What every request of a hook carries, or all that keeps each of them from being sent. Options that no kind has are
 * nobody's business, since hooks of the older system carry any; until one is missing for which such a name looks meant.
 */
export function readSettings(
  type: ReceiverType,
  settings: Settings,
): { headers: Record<string, string>; keys: Buffer[] } | { flaws: Flaw[] } {
  const { url, options } = settings
  const { signsItself, options: own, flaws, inside } = receivers[type]
  const credentials = inside ? { headers: {} } : credentialsOf(url, options)
  const signing = signsItself || inside ? { keys: [] } : keysOf(options.secret)
  const found = flaws?.(settings) ?? []
  if ('headers' in credentials && 'keys' in signing && found.length === 0)
    return { ...credentials, ...signing }
  for (const part of [credentials, signing]) if ('flaw' in part) found.push(part.flaw)
  const known = [...own, ...commonOptions]
  const strangers = Object.keys(options).filter(name => name.length <= longest && !isOneOf(name, known))
  return { flaws: found.map(flaw => hinted(flaw, options, strangers.slice(0, most))) }
}

/** So many names, and so long ones, are compared with one that is missing. */
const most = 100
const longest = 32

const isOneOf = (name: string, known: string[]) =>
  known.some(one => (one.endsWith('.') ? name.startsWith(one) : name === one))

function hinted(flaw: Flaw, options: Settings['options'], strangers: string[]): Flaw {
  const [, missing] = /^options\.(.*)$/.exec(flaw.field) ?? []
  const isMissing = missing !== undefined && !Object.hasOwn(options, missing)
  const meant = isMissing ? nearest(missing, strangers) : undefined
  return meant === undefined ? flaw : { ...flaw, problem: `${flaw.problem}; is "${meant}" meant for it?` }
}
