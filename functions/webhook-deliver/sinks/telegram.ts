import { isObject } from '../../../shared/json.ts'
import { drop, retry } from '../../../shared/outcome.ts'
import { namesMethod } from '../../../shared/receivers/telegram.ts'
import { cut, fittedFields } from '../markup/cut.ts'
import { forHtml } from '../markup/escape.ts'
import { linkText, type Message, messageOf, toneWord, worded } from '../markup/message.ts'
import type { Shipment, Sink } from '../sink.ts'
import { posted, said, waitOf } from './json.ts'

/**
 * Telegram's Bot API (`sendMessage`, "Formatting options", "Making requests"). Event text stands in code only, where
 * Telegram makes no mention, link, hashtag or command of a word.
 */
export const telegram: Sink = {
  request(shipment) {
    const { chat_id, token, thread, silent } = shipment.options
    return posted(addressOf(shipment.url, token), {
      chat_id,
      ...(thread && { message_thread_id: Number(thread) }),
      ...(silent === 'true' && { disable_notification: true }),
      link_preview_options: { is_disabled: true },
      ...(shipment.templated
        ? templateOf(shipment)
        : { text: htmlOf(worded(messageOf(shipment))), parse_mode: 'HTML' }),
    })
  },
  verdict(answer) {
    const body = said(answer)
    if (answer.status < 300) {
      return yes.test(answer.body)
        ? undefined
        : retry('Telegram did not say yes: what answered may be a proxy in its place')
    }
    const words = typeof body?.description === 'string' ? body.description : ''
    const parameters = isObject(body?.parameters) ? body.parameters : {}
    if (answer.status === 429) {
      return retry('Telegram: too fast', {
        code: 429,
        after: waitOf(parameters.retry_after) ?? waitOf(Number(answer.retryAfter)),
      })
    }
    if (parameters.migrate_to_chat_id !== undefined) {
      return drop(
        'Telegram: the group has become a supergroup: give its new id in options.chat_id',
        answer.status,
      )
    }
    const found = meanings.find(([said]) => words.toLowerCase().includes(said))
    return found && answer.status < 500 ? drop(`Telegram: ${found[1]}`, answer.status) : undefined
  },
}

// Its answer repeats the message, and may be longer than is read.
const yes = /^\s*\{\s*"ok"\s*:\s*true\b/
const longest = 4_096

// The url may be of a Bot API server of one's own, or whole, token and method in it.
function addressOf(url: URL, token = ''): URL {
  if (namesMethod(url)) return url
  const address = new URL(url)
  address.pathname = `${url.pathname.replace(/\/$/, '')}/bot${token}/sendMessage`
  return address
}

// Markup that is cut in two is refused; without a mode what is left of it arrives at least.
function templateOf({ text, options }: Shipment): object {
  const shown = cut(text, longest)
  const mode = options.parse_mode || 'HTML'
  return { text: shown, ...(mode !== 'none' && text.length <= longest && { parse_mode: mode }) }
}

function htmlOf({ title, fields, additional, notes, link, tone, mentions }: Message): string {
  const head = `<b>${toneWord[tone]}</b> <code>${cut(title, 256, html)}</code>`
  const foot = [
    ...(additional ? [`<pre>${cut(additional, 1_000, html)}</pre>`] : []),
    ...notes,
    ...(link ? [`<a href="${forHtml(link)}">${linkText}</a>`] : []),
    ...(mentions.length > 0 ? [cut(mentions.map(called).join(' '), 512)] : []),
  ].join('\n')
  const room = longest - head.length - foot.length - '\n<pre></pre>\n'.length
  const label = (text: string) => `${forHtml(text)}: `
  const lines = fittedFields(fields, room, { ...html, label, gap: 1 }).map(pair => pair.join(''))
  return [head, lines.length > 0 ? `<pre>${lines.join('\n')}</pre>` : '', foot]
    .filter(part => part !== '')
    .join('\n')
}

const html = { safe: forHtml }
const called = (mention: string) => forHtml(mention.startsWith('@') ? mention : `@${mention}`)

const meanings: [said: string, why: string][] = [
  ["can't parse entities", 'it does not understand the markup of the template: see options.parse_mode'],
  ['message is too long', 'the message is too long: shorten the template'],
  ['text is empty', 'the message is empty: the template may have made nothing'],
  ['chat not found', 'the chat does not exist, or the bot is not in it: correct options.chat_id'],
  ['thread not found', 'the topic does not exist: correct options.thread'],
  ['not enough rights', 'the bot may not write there: give it the right to'],
  ['have no rights', 'the bot may not write there: give it the right to'],
  ['bot was kicked', 'the bot was removed from the chat: invite it again'],
  ['bot was blocked', 'the user has blocked the bot'],
  ['unauthorized', 'the token is wrong or withdrawn: correct options.token'],
  // Of a token that was never one, Telegram knows no method.
  ['not found', 'the token is wrong: correct options.token'],
]
