import { isObject } from '../../../shared/json.ts'
import { drop, outcomeOfStatus, retry } from '../../../shared/outcome.ts'
import { mentionShapes } from '../../../shared/receivers/mentions.ts'
import { bytes, cut, fittedFields, jsonBytes } from '../markup/cut.ts'
import { forCard } from '../markup/escape.ts'
import { linkText, type Message, messageOf, type Tone, toneWord, worded } from '../markup/message.ts'
import type { Sink } from '../sink.ts'
import { posted, said } from './json.ts'

/**
 * A Teams channel or chat by a workflow's webhook ("Create Incoming Webhooks with Workflows", Adaptive Cards). Event
 * text stands in TextRuns only, where Markdown is not supported ("TextRun").
 */
export const teams: Sink = {
  request(shipment) {
    const { url, text, templated } = shipment
    const content = templated
      ? card([{ type: 'TextBlock', wrap: true, text: cut(text, longest - 500, within) }])
      : cardOf(harmless(worded(messageOf(shipment))))
    return posted(url, { type: 'message', attachments: [{ contentType, contentUrl: null, content }] })
  },
  verdict(answer) {
    // A connector of the older kind says 200 and passes on in words what Teams answered to it.
    const passedOn = /HTTP error (\d{3})/.exec(answer.body)?.[1]
    if (answer.status < 300 && /delivery failed/i.test(answer.body)) {
      const status = Number(passedOn ?? 500)
      if (status === 413) return drop('Teams: the message is too long', status)
      if (status < 400) return retry('Teams did not take it')
      return outcomeOfStatus(status, 'Teams, behind its webhook,', status === 429 ? 60_000 : undefined)
    }
    const error = said(answer)?.error
    const code = isObject(error) && typeof error.code === 'string' ? error.code : ''
    const why = meanings.get(code)
    return why && answer.status >= 400 ? drop(`Teams: ${why}`, answer.status) : undefined
  },
}

// A message has at most 28 KB in all, with what stands around the card.
const longest = 27_000
const within = { size: jsonBytes }
const contentType = 'application/vnd.microsoft.card.adaptive'
const colours = {
  critical: 'attention',
  error: 'attention',
  warning: 'warning',
  info: 'accent',
  resolved: 'good',
} satisfies Record<Tone, string>

const card = (body: unknown[], more: object = {}) => ({
  $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
  type: 'AdaptiveCard',
  version: '1.4',
  body,
  ...more,
})

const harmless = (message: Message): Message => ({
  ...message,
  title: forCard(message.title),
  fields: message.fields.map(([label, value]) => [forCard(label), forCard(value)]),
  additional: forCard(message.additional),
})

function cardOf(message: Message): unknown {
  const room = longest - bytes(JSON.stringify(cardWith([], message)))
  const label = (text: string) => `${text}: `
  // What a line is in JSON beside its texts.
  const gap = 128
  return cardWith(fittedFields(message.fields, room, { ...within, label, gap }), message)
}

function cardWith(lines: [label: string, value: string][], message: Message): unknown {
  const { title, additional, notes, link, tone, mentions } = message
  const called = mentions.filter(mention => mentionShape.test(mention)).slice(0, 10)
  const body = [
    line([
      { text: `${toneWord[tone]} `, weight: 'Bolder', size: 'Medium', color: colours[tone] },
      { text: cut(title, 600, within), weight: 'Bolder', size: 'Medium' },
    ]),
    ...lines.map(([label, value]) =>
      line([...(label ? [{ text: label, weight: 'Bolder' }] : []), { text: value }]),
    ),
    ...(additional ? [line([{ text: cut(additional, 2_000, within) }])] : []),
    ...notes.map(note => line([{ text: note, isSubtle: true }])),
    ...(called.length > 0 ? [{ type: 'TextBlock', wrap: true, text: called.map(at).join(' ') }] : []),
  ]
  return card(body, {
    ...(link && { actions: [{ type: 'Action.OpenUrl', title: linkText, url: link }] }),
    msteams: { width: 'Full', entities: called.map(entity) },
  })
}

type Run = { text: string; weight?: string; size?: string; color?: string; isSubtle?: boolean }

const line = (runs: Run[]) => ({
  type: 'RichTextBlock',
  inlines: runs.map(run => ({ type: 'TextRun', ...run })),
})

const mentionShape = mentionShapes.teams
const at = (mention: string) => `<at>${mention}</at>`
const entity = (mention: string) => ({
  type: 'mention',
  text: at(mention),
  mentioned: { id: mention, name: mention },
})

// What Power Automate answers in place of a flow.
const meanings = new Map([
  ['WorkflowTriggerIsNotEnabled', 'the flow is switched off: switch it on'],
  ['WorkflowNotFound', 'the flow does not exist any more: make a new one and give the hook its URL'],
  ['WorkflowIdInvalid', 'the URL of the flow is wrong: copy it again'],
  ['DirectApiAuthorizationRequired', 'the URL of the flow is cut short, its sig is missing: copy it again'],
  [
    'DirectApiInvalidAuthorizationScheme',
    'the flow lets in only members of its tenant: let it be triggered by anyone',
  ],
  ['InvalidRequestContent', 'the flow does not understand the message'],
])
