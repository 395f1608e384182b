import { isObject } from '../../../../shared/json.ts'

/** A body as its service reads it: what people see, where it leads, whom it calls, and what is wrong with it. */
export type Reading = { seen: string; links: string[]; mentions: string[]; broken: string[] }
/** Something whose length a service limits: what it is, how long it is, how long it may be. */
export type Limit = [what: string, length: number, most: number]
export type Reader = { read(body: unknown): Reading; limits(body: unknown, text: string): Limit[] }

const nothing = (): Reading => ({ seen: '', links: [], mentions: [], broken: [] })

/** Every object in a body, from the outside in. */
function objects(value: unknown): Record<string, unknown>[] {
  if (Array.isArray(value)) return value.flatMap(objects)
  return isObject(value) ? [value, ...Object.values(value).flatMap(objects)] : []
}

const strings = (value: unknown): string[] => {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(strings)
  return isObject(value) ? Object.values(value).flatMap(strings) : []
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const matches = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].map(([whole, part]) => part ?? whole)
const bytes = (text: string) => Buffer.byteLength(text)

/** No markup anywhere: JSON for programs. */
export const data: Reader = {
  read: body => ({ ...nothing(), seen: strings(body).join('\n') }),
  limits: () => [],
}

export const xiezuo: Reader = {
  read(body) {
    const seen = strings(body).join('\n').replaceAll('\u2060', '')
    return { ...nothing(), seen, mentions: strings(body).flatMap(text => matches(text, /<\s*\/?\s*at\b/gi)) }
  },
  limits: () => [],
}

export const slack: Reader = {
  read(body) {
    const reading = nothing()
    const texts = objects(body).flatMap(object => {
      if (object.type === 'plain_text' || object.type === 'mrkdwn')
        return [{ text: textOf(object.text), of: object.type }]
      return 'attachments' in object ? [{ text: textOf(object.text), of: 'mrkdwn' }] : []
    })
    for (const { text, of } of texts) {
      for (const token of matches(text, /<([^<>]*)>?/g)) {
        if (/^[@!#]/.test(token)) reading.mentions.push(token)
        else reading.links.push((token.split('|')[0] ?? '').replaceAll('&amp;', '&'))
        if (of === 'plain_text') reading.broken.push(`markup in plain text: ${token}`)
      }
      if (/&(?!amp;|lt;|gt;)/.test(text)) reading.broken.push(`a bare & in ${text}`)
      if (of === 'plain_text' && text === '') reading.broken.push('an empty text object')
      reading.seen += `${text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')}\n`
    }
    return reading
  },
  limits: body => [
    ...objects(body).flatMap((object): Limit[] => {
      if (Array.isArray(object.blocks)) return [['blocks', object.blocks.length, 50]]
      if (/^(plain_text|mrkdwn)$/.test(textOf(object.type)))
        return [['text object', textOf(object.text).length, 3_000]]
      return []
    }),
    ['text', isObject(body) ? textOf(body.text).length : 0, 40_000],
  ],
}

/** Discord's Markdown with what is escaped taken out: U+0001 stands where it was. */
const raw = (text: string) => text.replaceAll(/\\[^0-9A-Za-z\s]/g, '\u0001')

export const discord: Reader = {
  read(body) {
    const reading = nothing()
    if (!isObject(body)) return reading
    const [embed] = Array.isArray(body.embeds) ? body.embeds : []
    const { title, description, footer, url } = isObject(embed) ? embed : {}
    const marked = [textOf(title), textOf(description)]
    for (const text of marked.map(raw)) {
      const left = text.replaceAll(/^\*\*[^*\n]*:\*\* /gm, '')
      reading.mentions.push(...matches(left, /<[@#]|@everyone|@here/g))
      reading.links.push(...matches(left, /\w+:\/\/\S*|\]\(/g))
      if (/[*_`~|<>[\]()#\\:]/.test(left)) reading.broken.push(`markup in ${left}`)
    }
    if (url !== undefined) reading.links.push(textOf(url))
    reading.mentions.push(...matches(textOf(body.content), /<@&?\d+>|@everyone|@here/g))
    const { parse = undefined } = isObject(body.allowed_mentions) ? body.allowed_mentions : {}
    if (!Array.isArray(parse)) reading.broken.push('mentions are not forbidden')
    reading.seen = [
      ...marked.map(text => text.replaceAll(/\\([^0-9A-Za-z\s])/g, '$1')),
      textOf(body.content),
      strings(footer),
    ].join('\n')
    return reading
  },
  limits(body) {
    const [embed] = isObject(body) && Array.isArray(body.embeds) ? body.embeds : []
    const parts = isObject(embed) ? embed : {}
    const all = [textOf(parts.title), textOf(parts.description), ...strings(parts.footer)]
    return [
      ['content', isObject(body) ? textOf(body.content).length : 0, 2_000],
      ['title', textOf(parts.title).length, 256],
      ['description', textOf(parts.description).length, 4_096],
      ['footer', strings(parts.footer).join('').length, 2_048],
      ['embed', all.join('').length, 6_000],
    ]
  },
}

const entities: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"' }

export const telegram: Reader = {
  read(body) {
    const reading = nothing()
    const open: string[] = []
    let outside = ''
    for (const [, text = '', tag] of textOf(isObject(body) ? body.text : '').matchAll(
      /([^<]*)(?:<([^>]*)>?)?/g,
    )) {
      for (const name of matches(text, /&(\w*;?)/g)) {
        if (!(name.replace(/;$/, '') in entities && name.endsWith(';')))
          reading.broken.push(`entity &${name}`)
      }
      const shown = text.replaceAll(/&(\w+);/g, (_, name: string) => entities[name] ?? '')
      reading.seen += shown
      if (!open.some(name => /^(pre|code|a)$/.test(name))) outside += `${shown} `
      if (tag === undefined) continue
      const href = /^a href="([^"<>]*)"$/.exec(tag)?.[1]
      if (href !== undefined) reading.links.push(href.replaceAll('&amp;', '&'))
      if (tag.startsWith('/')) {
        if (open.pop() !== tag.slice(1)) reading.broken.push(`<${tag}> ends nothing`)
      } else if (/^(b|code|pre)$/.test(tag) || href !== undefined) open.push(tag.split(' ')[0] ?? '')
      else reading.broken.push(`tag <${tag}>`)
    }
    if (open.length > 0) reading.broken.push(`${open} stays open`)
    reading.mentions.push(...matches(outside, /@\w+/g))
    reading.links.push(...matches(outside, /\S+:\/\/\S+|\b\w+\.\w{2,}/g))
    return reading
  },
  limits: body => [['text', isObject(body) ? textOf(body.text).length : 0, 4_096]],
}

/** What people see of texts with full-width twins. */
const seenOf = (text: string) => text.replaceAll('\u2060', '').normalize('NFKC')

function markdown(text: string): Reading {
  const reading = nothing()
  const withoutLinks = text.replaceAll(/!?\[([^\]]*)\]\(([^)]*)\)/g, (_, name: string, to: string) => {
    reading.links.push(to)
    return name
  })
  const left = withoutLinks.replaceAll(/<([^>]*)>?/g, (_, tag: string) => {
    if (/^@/.test(tag)) reading.mentions.push(tag.slice(1))
    else if (!/^(font color="(warning|comment|info)"|\/font)$/.test(tag)) reading.broken.push(`tag <${tag}>`)
    return ''
  })
  reading.links.push(...matches(left, /\w+:\/\/\S*/g))
  const lines = left.split('\n').map(line => line.replace(/^(### |>)/, '').replaceAll(/\*\*[^*]*\*\*/g, ''))
  for (const line of lines) if (/[[\]`*|\\&]|^[#>]/.test(line)) reading.broken.push(`markup in ${line}`)
  reading.seen = seenOf(left.replaceAll('**', ''))
  return reading
}

export const wecom: Reader = {
  read: body => markdown(strings(isObject(body) ? body.markdown : '').join('\n')),
  limits: body => [['content', bytes(strings(isObject(body) ? body.markdown : '').join('')), 4_096]],
}

export const dingtalk: Reader = {
  read(body) {
    const { markdown: made, at } = isObject(body) ? body : {}
    const reading = markdown(isObject(made) ? textOf(made.text) : '')
    const called = isObject(at) ? at : {}
    const mentions = [
      ...strings(called.atMobiles),
      ...strings(called.atUserIds),
      ...(called.isAtAll === true ? ['all'] : []),
    ]
    return { ...reading, mentions: [...reading.mentions, ...mentions] }
  },
  limits: (_, text) => [['body', bytes(text), 20_000]],
}

export const feishu: Reader = {
  read(body) {
    const reading = nothing()
    for (const object of objects(body)) {
      const { tag, content, url } = object
      if (tag === 'plain_text') {
        reading.seen += `${textOf(content)}\n`
        if (content === '') reading.broken.push('an empty text')
      } else if (tag === 'lark_md' || tag === 'markdown') {
        reading.mentions.push(...matches(textOf(content), /<at id=([^>]*)><\/at>/g))
        const left = textOf(content).replaceAll(/<at id=[\w-]+><\/at>/g, '')
        if (left.trim() !== '') reading.broken.push(`markup in ${left}`)
      }
      if (url !== undefined) reading.links.push(textOf(url))
    }
    return reading
  },
  limits: (_, text) => [['body', bytes(text), 20_000]],
}

export const teams: Reader = {
  read(body) {
    const reading = nothing()
    for (const { type, text, url, mentioned } of objects(body)) {
      if (type === 'TextRun') {
        reading.seen += textOf(text)
        if (/<\s*\/?\s*at\b|\{\{/i.test(textOf(text))) reading.broken.push(`markup in ${text}`)
      } else if (type === 'TextBlock') {
        const left = textOf(text).replaceAll(/<at>[\w.+@-]+<\/at>/g, '')
        if (left.trim() !== '') reading.broken.push(`markup in ${left}`)
      } else if (type === 'RichTextBlock') reading.seen += '\n'
      if (url !== undefined) reading.links.push(textOf(url))
      if (isObject(mentioned)) reading.mentions.push(textOf(mentioned.id))
    }
    reading.seen = reading.seen.replaceAll('\u2060', '')
    return reading
  },
  limits: (_, text) => [['body', bytes(text), 28 * 1024]],
}

export const pagerduty: Reader = {
  read: data.read,
  limits(body, text) {
    const { payload, dedup_key } = isObject(body) ? body : {}
    const { summary, source } = isObject(payload) ? payload : {}
    return [
      ['summary', textOf(summary).length, 1_024],
      ['source', textOf(source).length, 1_024],
      ['dedup_key', textOf(dedup_key).length, 255],
      ['body', bytes(text), 512 * 1024],
    ]
  },
}
