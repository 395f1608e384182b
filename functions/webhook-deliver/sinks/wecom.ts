import { mentionShapes } from '../../../shared/receivers/mentions.ts'
import { bytes, cut, fittedFields } from '../markup/cut.ts'
import { defused } from '../markup/escape.ts'
import { linkText, type Message, messageOf, type Tone, toneWord, worded } from '../markup/message.ts'
import type { Sink } from '../sink.ts'
import { byCode, type Codes, errcode, type Meaning } from './codes.ts'
import { posted } from './json.ts'

/** WeCom's group robots ("Group robot configuration": markdown of at most 4096 bytes, 20 messages a minute). */
export const wecom: Sink = {
  request(shipment) {
    const { url, text, templated } = shipment
    const content = templated ? cut(text, longest, within) : markdownOf(worded(messageOf(shipment)))
    return posted(url, { msgtype: 'markdown', markdown: { content } })
  },
  verdict: answer => byCode(answer, codes),
}

const longest = 4_096
const within = { size: bytes }
const colours = {
  critical: 'warning',
  error: 'warning',
  warning: 'warning',
  info: 'comment',
  resolved: 'info',
} satisfies Record<Tone, string>

function markdownOf({ title, fields, additional, notes, link, tone, mentions }: Message): string {
  const called = mentions.filter(mention => mentionShape.test(mention)).map(mention => `<@${mention}>`)
  const head = `**<font color="${colours[tone]}">${toneWord[tone]}</font>** ${cut(defused(title), 400, within)}`
  const foot = [
    ...(additional ? [cut(defused(additional), 600, within)] : []),
    ...notes,
    ...(link ? [`[${linkText}](${link})`] : []),
    ...(called.length > 0 ? [called.slice(0, 8).join('')] : []),
  ].join('\n')
  const label = (text: string) => `${text}: `
  const harmless = fields.map(([name, value]): [string, string] => [
    cut(defused(name), 60, within),
    defused(value),
  ])
  const room = longest - bytes(head) - bytes(foot) - 2
  const lines = fittedFields(harmless, room, { ...within, label, gap: 2 }).map(pair => `>${pair.join('')}`)
  return [head, ...lines, foot].filter(part => part !== '').join('\n')
}

const mentionShape = mentionShapes.wecom

const codes: Codes = {
  service: 'WeCom',
  read: errcode,
  meanings: new Map<number, Meaning>([
    [-1, { why: 'it is busy', after: 60_000 }],
    [45_009, { why: 'too fast, it takes 20 messages a minute of a robot', after: 60_000 }],
    [45_033, { why: 'too many at once', after: 60_000 }],
    [40_008, { why: 'it does not take this kind of message' }],
    [40_058, { why: 'it does not take the message, which may be too long' }],
    [44_004, { why: 'the message is empty: the template may have made nothing' }],
    [45_002, { why: 'the message is too long: shorten the template' }],
    [93_000, { why: 'the key in the url is wrong: copy the URL of the robot again' }],
    [93_004, { why: 'the robot is switched off' }],
    [93_008, { why: 'the robot is not in the group any more' }],
  ]),
}
