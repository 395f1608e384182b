import { createHmac } from 'node:crypto'
import { mentionShapes } from '../../../shared/receivers/mentions.ts'
import { bytes, cut, fittedFields, jsonBytes } from '../markup/cut.ts'
import { linkText, type Message, messageOf, type Tone } from '../markup/message.ts'
import type { Sink } from '../sink.ts'
import { byCode, type Codes, type Meaning } from './codes.ts'
import { posted } from './json.ts'

/**
 * Feishu's and Lark's group robots ("Custom bot usage guide": cards, the signature, 20 KB). Event text stands in
 * plain_text elements only, which know no markup.
 */
export const feishu: Sink = {
  request(shipment) {
    const { url, options, now, text, templated } = shipment
    const card = templated
      ? { config, elements: [{ tag: 'markdown', content: cut(text, longest - 200, within) }] }
      : cardOf(messageOf(shipment))
    return posted(url, { ...signature(options.secret, now), msg_type: 'interactive', card })
  },
  verdict: answer => byCode(answer, codes),
}

// Of the 20 KB for all, 500 bytes are for what stands around the card. (Robots of earlier years took 30 KB.)
const longest = 19_500
const within = { size: jsonBytes }
const config = { wide_screen_mode: true }
const colours = {
  critical: 'red',
  error: 'red',
  warning: 'orange',
  info: 'blue',
  resolved: 'green',
} satisfies Record<Tone, string>

function signature(secret: string | undefined, now: number): object {
  if (!secret) return {}
  const timestamp = String(Math.floor(now / 1000))
  // The text that other services sign is the key here, and nothing is signed with it.
  return { timestamp, sign: createHmac('sha256', `${timestamp}\n${secret}`).digest('base64') }
}

function cardOf(message: Message): unknown {
  const room = longest - bytes(JSON.stringify(cardWith('', message)))
  const label = (text: string) => `${text}: `
  const lines = fittedFields(message.fields, room, { ...within, label, gap: 2 }).map(pair => pair.join(''))
  return cardWith(lines.join('\n'), message)
}

function cardWith(lines: string, { title, additional, notes, link, tone, mentions }: Message): unknown {
  const called = mentions.filter(mention => mentionShape.test(mention)).slice(0, 50)
  const button = link && { tag: 'button', type: 'default', text: plain(linkText), url: link }
  return {
    config,
    header: { template: colours[tone], title: plain(cut(title, 600, within)) },
    elements: [
      ...(lines ? [{ tag: 'div', text: plain(lines) }] : []),
      ...(additional ? [{ tag: 'div', text: plain(cut(additional, 2_000, within)) }] : []),
      ...(notes.length > 0 ? [{ tag: 'note', elements: notes.map(plain) }] : []),
      ...(called.length > 0
        ? [{ tag: 'div', text: { tag: 'lark_md', content: called.map(at).join(' ') } }]
        : []),
      ...(button ? [{ tag: 'action', actions: [button] }] : []),
    ],
  }
}

const plain = (content: string) => ({ tag: 'plain_text', content })
const mentionShape = mentionShapes.feishu
const at = (mention: string) => `<at id=${mention}></at>`

const codes: Codes = {
  service: 'Feishu',
  // Robots answer `code`, those of earlier years `StatusCode`, some both: either may be the one that says no.
  read({ code, StatusCode: status, msg, StatusMessage }) {
    const found = [code, status].filter(value => typeof value === 'number')
    const [first] = found
    if (first === undefined) return undefined
    return { code: found.find(value => value !== 0) ?? first, words: String(msg ?? StatusMessage ?? '') }
  },
  meanings: new Map<number, Meaning>([
    [11_232, { why: 'too fast, it takes 100 messages a minute and 5 a second of a robot', after: 60_000 }],
    [11_233, { why: 'too fast, it takes 100 messages a minute and 5 a second of a robot', after: 60_000 }],
    [99_991_400, { why: 'too fast', after: 60_000 }],
    [9_499, { why: 'it does not understand the message, or it is longer than 20 KB' }],
    [10_001, { why: 'it does not understand the message' }],
    [11_246, { why: 'it does not understand the card' }],
    [19_001, { why: 'the url is of no robot: copy the URL of the robot again' }],
    [19_002, { why: 'it does not understand the message' }],
    [19_003, { why: 'the robot does not exist any more: make a new one and give the hook its URL' }],
    [19_007, { why: 'the robot is switched off' }],
    [19_021, { why: 'the sign is wrong or more than an hour old: see options.secret and the clock' }],
    [19_022, { why: 'the address it came from is not in the list of the robot' }],
    [19_024, { why: 'no keyword of the robot is in the text: write one into additional' }],
  ]),
}
