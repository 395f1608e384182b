import { drop, retry } from '../../../shared/outcome.ts'
import { mentionShapes } from '../../../shared/receivers/mentions.ts'
import { cut, fittedFields } from '../markup/cut.ts'
import { forSlack } from '../markup/escape.ts'
import { linkText, type Message, messageOf, type Tone } from '../markup/message.ts'
import type { Sink } from '../sink.ts'
import { posted, said } from './json.ts'

/**
 * Slack's incoming webhooks ("Sending messages using incoming webhooks"), `chat.postMessage` with a token, and what
 * speaks like them (Mattermost, Rocket.Chat). Event text stands in plain_text objects only ("Text object").
 */
export const slack: Sink = {
  request(shipment) {
    const { channel, username } = shipment.options
    const about = { ...(channel && { channel }), ...(username && { username }) }
    const message = shipment.templated
      ? { text: cut(shipment.text, longestMessage) }
      : bodyOf(messageOf(shipment))
    return posted(shipment.url, { ...about, ...quiet, ...message })
  },
  verdict(answer) {
    const body = said(answer)
    const ok = answer.status >= 200 && answer.status < 300
    if (ok && page.test(answer.body)) {
      return retry('Slack did not say yes: what answered may be a proxy or a sign-in page in its place')
    }
    if (ok && body?.ok !== false) return undefined
    const word = typeof body?.error === 'string' ? body.error : answer.body.trim()
    if (tooFast.has(word))
      return answer.status === 429 ? undefined : retry('Slack: too fast', { after: 60_000 })
    const why = meanings.get(word)
    if (why) return drop(`Slack: ${why}`, ok ? undefined : answer.status)
    return ok ? drop(`Slack refused it: ${cut(word, 64)}`) : undefined
  },
}

const page = /^\s*</
const longestMessage = 40_000
const longestText = 3_000
const colours = {
  critical: '#b3001b',
  error: '#e01e5a',
  warning: '#ecb22e',
  info: '#36c5f0',
  resolved: '#2eb67d',
} satisfies Record<Tone, string>

// No word of a message becomes a mention or a link by itself, and no link is unfolded.
const quiet = { parse: 'none', link_names: false, unfurl_links: false, unfurl_media: false }

function bodyOf({ title, fields, additional, notes, link, tone, mentions }: Message): object {
  const heading = cut(title, 300, { safe: forSlack })
  const called = mentions.filter(mention => mentionShape.test(mention)).map(mention => `<${sigil(mention)}>`)
  const label = (text: string) => `${forSlack(text)}: `
  const lines = fittedFields(fields, longestText, { safe: forSlack, label, gap: 1 })
  const blocks = [
    ...section(lines.map(pair => pair.join('')).join('\n')),
    ...section(cut(additional, longestText, { safe: forSlack })),
    ...(notes.length > 0 ? [{ type: 'context', elements: notes.map(plain) }] : []),
    ...(link ? [{ type: 'section', text: { type: 'mrkdwn', text: `<${forSlack(link)}|${linkText}>` } }] : []),
  ]
  return {
    text: [...called, heading].join(' '),
    // Asterisks of a title are asterisks; a mention needs the markup on.
    mrkdwn: called.length > 0,
    attachments: [{ color: colours[tone], fallback: heading, blocks }],
  }
}

const plain = (text: string) => ({ type: 'plain_text', text, emoji: false })
const section = (text: string) => (text === '' ? [] : [{ type: 'section', text: plain(text) }])

const mentionShape = mentionShapes.slack
const sigil = (mention: string) => (/^[@!]/.test(mention) ? mention : `@${mention}`)

const tooFast = new Set(['rate_limited', 'ratelimited', 'message_limit_exceeded'])

// "Handling errors" of the page on incoming webhooks, and the errors of chat.postMessage.
const meanings = new Map([
  ['invalid_payload', 'it does not understand the message (invalid_payload)'],
  ['invalid_blocks', 'it does not take the blocks of the message (invalid_blocks)'],
  ['no_text', 'the message is empty: the template may have made nothing (no_text)'],
  [
    'user_not_found',
    'nobody is there by that id: correct options.mentions or options.channel (user_not_found)',
  ],
  [
    'channel_not_found',
    'the channel does not exist for this webhook: correct options.channel (channel_not_found)',
  ],
  ['channel_is_archived', 'the channel is archived: point the hook at another (channel_is_archived)'],
  ['is_archived', 'the channel is archived: point the hook at another (is_archived)'],
  ['not_in_channel', 'the app is not in the channel: invite it (not_in_channel)'],
  ['action_prohibited', 'an administrator has forbidden this webhook to post there (action_prohibited)'],
  [
    'posting_to_general_channel_denied',
    'an administrator has closed #general (posting_to_general_channel_denied)',
  ],
  [
    'no_service',
    'the webhook is switched off or gone: make a new one and give the hook its URL (no_service)',
  ],
  ['no_service_id', 'the URL of the webhook is cut short: copy it again (no_service_id)'],
  [
    'no_active_hooks',
    'the webhook is switched off: make a new one and give the hook its URL (no_active_hooks)',
  ],
  ['no_team', 'the workspace does not exist any more (no_team)'],
  ['team_disabled', 'the workspace is switched off (team_disabled)'],
  ['invalid_token', 'the URL of the webhook is wrong or withdrawn: copy it again (invalid_token)'],
  ['invalid_auth', 'the token is wrong: give the hook a new one (invalid_auth)'],
  ['not_authed', 'no token came along: give the hook one (not_authed)'],
  ['token_revoked', 'the token is withdrawn: give the hook a new one (token_revoked)'],
  ['missing_scope', 'the token lacks the scope chat:write (missing_scope)'],
  ['too_many_attachments', 'the message has too many attachments (too_many_attachments)'],
  ['msg_too_long', 'the message is too long: shorten the template (msg_too_long)'],
])
