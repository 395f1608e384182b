import { createHmac } from 'node:crypto'
import { cut, fittedFields, jsonBytes } from '../markup/cut.ts'
import { defused } from '../markup/escape.ts'
import { linkText, type Message, messageOf, toneWord, worded } from '../markup/message.ts'
import type { Sink } from '../sink.ts'
import { byCode, type Codes, errcode, type Meaning } from './codes.ts'
import { posted } from './json.ts'

/** DingTalk's group robots ("Custom robot access": markdown, the signature, 20 messages a minute). */
export const dingtalk: Sink = {
  request(shipment) {
    const { url, options, now, text, templated } = shipment
    const message = worded(messageOf(shipment))
    const title = cut(defused(message.title), 200)
    const markdown = {
      title: `${toneWord[message.tone]} · ${title}`,
      text: templated ? cut(text, longest, { size: jsonBytes }) : markdownOf(message),
    }
    const address = options.secret ? signed(url, options.secret, now) : url
    return posted(address, { msgtype: 'markdown', markdown, at: calledBy(message.mentions) })
  },
  verdict: answer => byCode(answer, codes),
}

// The whole body has at most 20000 bytes.
const longest = 17_000
const within = { size: jsonBytes }

function signed(url: URL, secret: string, now: number): URL {
  const address = new URL(url)
  address.searchParams.set('timestamp', String(now))
  address.searchParams.set('sign', createHmac('sha256', secret).update(`${now}\n${secret}`).digest('base64'))
  return address
}

function markdownOf({ title, fields, additional, notes, link, tone, mentions }: Message): string {
  const called = mentions.filter(mention => mention !== 'all').map(mention => `@${defused(mention)}`)
  const head = `### ${toneWord[tone]} · ${cut(defused(title), 1_000, within)}`
  const foot = [
    cut(defused(additional), 2_000, within),
    ...notes,
    link ? `[${linkText}](${link})` : '',
    cut(called.join(' '), 1_000, within),
  ]
  const label = (text: string) => `**${text}:** `
  const harmless = fields.map(([name, value]): [string, string] => [defused(name), defused(value)])
  // "\n\n" within JSON, and a little to spare.
  const room = longest - jsonBytes(head) - jsonBytes(foot.join('')) - 64
  const lines = fittedFields(harmless, room, { ...within, label, gap: 4 }).map(pair => pair.join(''))
  return [head, ...lines, ...foot].filter(part => part !== '').join('\n\n')
}

// Only who stands here is called, whatever the text says.
function calledBy(mentions: string[]): unknown {
  const people = mentions.filter(mention => mention !== 'all').slice(0, 20)
  const isMobile = (mention: string) => /^\+?[\d-]{8,16}$/.test(mention)
  return {
    atMobiles: people.filter(isMobile),
    atUserIds: people.filter(mention => !isMobile(mention)),
    isAtAll: mentions.includes('all'),
  }
}

// Whoever is too fast is kept out for ten minutes.
const tooFast = { why: 'too fast, it takes 20 messages a minute of a robot', after: 600_000 }

const codes: Codes = {
  service: 'DingTalk',
  read: errcode,
  meanings: new Map<number, Meaning>([
    [-1, { why: 'it is busy', after: 60_000 }],
    [130_101, tooFast],
    [410_100, tooFast],
    [90_030, tooFast],
    [40_035, { why: 'it does not understand the message' }],
    [43_004, { why: 'it does not understand the message' }],
    [300_001, { why: 'the access_token in the url is wrong: copy the URL of the robot again' }],
    [400_101, { why: 'the access_token in the url is wrong: copy the URL of the robot again' }],
    [400_102, { why: 'the robot is switched off' }],
    [400_106, { why: 'the robot does not exist any more: make a new one and give the hook its URL' }],
    [400_013, { why: 'the group does not exist any more' }],
    [400_105, { why: 'it does not take this kind of message' }],
    [430_101, { why: 'it found a link that it does not allow' }],
    [430_102, { why: 'it found words that it does not allow' }],
    [430_103, { why: 'it found a picture that it does not allow' }],
    [430_104, { why: 'it found something that it does not allow' }],
    [
      310_000,
      {
        why: 'a security setting of the robot refused it: the sign (see options.secret and the clock), a keyword that is in no text (write it into additional), or the address it came from',
      },
    ],
  ]),
}
