import { type Flaw, flawIf, type Settings } from './settings.ts'

/** What keeps Telegram from getting anything. */
export function telegramFlaws({ url, options }: Settings): Flaw[] {
  const { chat_id, token, thread, parse_mode } = options
  const untold = !token && url !== undefined && !namesMethod(url)
  return [
    ...flawIf(!chat_id, 'chat_id', 'is missing: the chat to write to'),
    ...flawIf(untold, 'token', 'is missing: the token of the bot'),
    ...flawIf(
      isOdd(token, tokenShape),
      'token',
      'is no token of a Telegram bot: it looks like 123456:ABC-DEF',
    ),
    ...flawIf(isOdd(thread, /^\d{1,15}$/), 'thread', 'is no number: it is the id of a topic'),
    ...flawIf(isOdd(parse_mode, modeShape), 'parse_mode', 'has to be one of HTML, MarkdownV2, none'),
  ]
}

/** Whether a url is whole, the bot's token and the method in it, and not of the server alone. */
export const namesMethod = (url: URL): boolean => /\/bot[^/]+\/sendMessage$/.test(url.pathname)

const tokenShape = /^\d+:[\w-]+$/
const modeShape = /^(HTML|MarkdownV2|none)$/

// An empty option is one that is not given.
const isOdd = (text = '', shape: RegExp) => text !== '' && !shape.test(text)
