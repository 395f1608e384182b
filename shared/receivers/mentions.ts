import { oneLine } from '../clean.ts'
import type { Flaw, Settings } from './settings.ts'

/** The entries of an option that is a list, such as `ann, bob`. */
export const listed = (option: string | undefined): string[] =>
  (option ?? '')
    .split(',')
    .map(entry => oneLine(entry))
    .filter(entry => entry !== '')

/** Whom `options.mentions` can call, by an entry of it. Telegram's are names of users, and any text may be one. */
export const mentionShapes = {
  slack: /^[@!]?[\w^]+$/,
  dingtalk: /^[\w+.-]{1,64}$/,
  feishu: /^[\w-]{1,64}$/,
  wecom: /^[\w.@-]{1,64}$/,
  teams: /^[\w.+@-]{1,128}$/,
  discord: /^(&?\d{1,20}|@?(everyone|here))$/,
}

const people = {
  slack: 'members and groups of Slack such as U0123ABCD, !here, !subteam^S0123ABCD',
  dingtalk: 'mobile numbers and user ids of DingTalk, or "all"',
  feishu: 'open ids and user ids of Feishu such as ou_0123, or "all"',
  wecom: 'user ids of WeCom',
  teams: 'people by their user principal name, such as ann@example.com, or Entra object id',
  discord: 'ids of users, &ids of roles, "everyone" and "here" of Discord',
} satisfies Record<keyof typeof mentionShapes, string>

/** What is wrong with whom a hook wants to call in a chat. */
export const mentionFlaws =
  (service: keyof typeof mentionShapes) =>
  ({ options }: Settings): Flaw[] =>
    listed(options.mentions).every(mention => mentionShapes[service].test(mention))
      ? []
      : [{ field: 'options.mentions', problem: `has to list ${people[service]}` }]
