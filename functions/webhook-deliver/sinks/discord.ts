import { drop, retry } from '../../../shared/outcome.ts'
import { listed, mentionShapes } from '../../../shared/receivers/mentions.ts'
import { cut, fittedFields } from '../markup/cut.ts'
import { forMarkdown } from '../markup/escape.ts'
import { type Message, messageOf, type Tone } from '../markup/message.ts'
import type { Sink } from '../sink.ts'
import { posted, said, waitOf } from './json.ts'

/** Discord's webhooks ("Execute Webhook", "Embed Limits", "Allowed Mentions Object", "Rate Limits"). */
export const discord: Sink = {
  request(shipment) {
    const { options, event, text, templated } = shipment
    const url = new URL(shipment.url)
    // Without it Discord says yes before it has kept the message.
    url.searchParams.set('wait', 'true')
    const called = mentionsOf(options.mentions)
    const content = called.map(({ shown }) => shown).join(' ')
    return posted(url, {
      ...(options.username && { username: cut(options.username, 80) }),
      ...(templated
        ? { content: cut(text, 2_000) }
        : { content, embeds: [embedOf(messageOf(shipment), event.time)] }),
      allowed_mentions: allowed(called),
    })
  },
  verdict(answer) {
    const body = said(answer)
    if (answer.status === 429) {
      return retry('Discord: too fast', {
        code: 429,
        after: waitOf(body?.retry_after) ?? waitOf(Number(answer.retryAfter)),
      })
    }
    const why = typeof body?.code === 'number' ? meanings.get(body.code) : undefined
    return why && answer.status >= 400 ? drop(`Discord: ${why}`, answer.status) : undefined
  },
}

const colours = {
  critical: 0xb3001b,
  error: 0xe74c3c,
  warning: 0xf1c40f,
  info: 0x3498db,
  resolved: 0x2ecc71,
} satisfies Record<Tone, number>

// An embed has at most 6000 characters in all.
const longest = { title: 256, fields: 3_000, additional: 1_000 }

function embedOf(
  { title, fields, additional, notes, link, tone }: Message,
  time: string | undefined,
): unknown {
  const footer = notes.join(' · ')
  const at = new Date(time ?? Number.NaN)
  return {
    title: cut(title, longest.title, { safe: forMarkdown }),
    description: [linesOf(fields), cut(additional, longest.additional, { safe: forMarkdown })]
      .filter(part => part !== '')
      .join('\n\n'),
    color: colours[tone],
    ...(link && { url: link }),
    ...(footer && { footer: { text: footer } }),
    ...(!Number.isNaN(at.getTime()) && { timestamp: at.toISOString() }),
  }
}

function linesOf(fields: Message['fields']): string {
  const label = (text: string) => `**${forMarkdown(text)}:** `
  const lines = fittedFields(fields, longest.fields, { safe: forMarkdown, label, gap: 1 })
  return lines.map(pair => pair.join('')).join('\n')
}

type Called = { kind: 'users' | 'roles' | 'everyone'; id: string; shown: string }

function mentionsOf(option: string | undefined): Called[] {
  const mentions = listed(option).filter(mention => mentionShapes.discord.test(mention))
  return mentions.map(mention => {
    if (/^\d/.test(mention)) return { kind: 'users', id: mention, shown: `<@${mention}>` }
    if (mention.startsWith('&')) return { kind: 'roles', id: mention.slice(1), shown: `<@${mention}>` }
    return { kind: 'everyone', id: '', shown: `@${mention.replace('@', '')}` }
  })
}

// Whatever a message says, it calls those that the hook's author named, and nobody else.
function allowed(called: Called[]): unknown {
  const ids = (kind: Called['kind']) => called.filter(one => one.kind === kind).map(({ id }) => id)
  return {
    parse: ids('everyone').length > 0 ? ['everyone'] : [],
    users: ids('users').slice(0, 100),
    roles: ids('roles').slice(0, 100),
  }
}

// "JSON Error Codes" of Discord's documentation.
const meanings = new Map([
  [10_003, 'the channel does not exist any more: make a webhook in another (10003)'],
  [10_015, 'the webhook does not exist any more: make a new one and give the hook its URL (10015)'],
  [40_005, 'the message is too large (40005)'],
  [50_006, 'the message is empty: the template may have made nothing (50006)'],
  [50_027, 'the token in the URL is wrong: copy the URL of the webhook again (50027)'],
  [50_035, 'it does not take the form of the message (50035)'],
])
