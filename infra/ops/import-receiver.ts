import { isObject } from '../../shared/json.ts'
import {
  type Config,
  hasVariable,
  headersOf,
  layoutOf,
  restOf,
  templated,
  textOf,
  variable,
} from './import-config.ts'
import { liquidOf } from './import-layout.ts'
import { hidden } from './import-secret.ts'

/** What of a hook says where to and how, and what differs. */
export type Target = {
  notes: string[]
  spec: {
    type: string
    url?: string
    options?: Record<string, string>
    template?: string
    suspend?: true
    secretRef?: { name: string; keys: Record<string, string> }
  }
}

/** What there is instead of receivers that nobody needs here. */
const needless: Record<string, string> = {
  stdout: 'events are kept: npm run ops -- events, npm run ops -- tail',
  file: 'events are kept: npm run ops -- events --json',
  inMemory: 'it was for tests',
  prometheus: 'the watcher counts events itself: event_exporter_events_total',
}

/** A receiver as a hook's, whose variables `${X}` become keys of a Secret; `left`: why there is no hook for it. */
export function targetOf(receiver: Config): Target | { left: string } {
  const [type = 'nothing'] = Object.keys(receiver).filter(
    key => key !== 'name' && receiver[key] !== undefined,
  )
  if (type in needless) return { left: `${type}: ${needless[type]}` }
  const config = isObject(receiver[type]) ? receiver[type] : {}
  return hidden(targets[type]?.(config) ?? other(type), String(receiver.name))
}

const targets: Record<string, (config: Config) => Target> = {
  webhook: config => {
    const layout = layoutOf(config)
    const notes = layout.notes.concat(restOf(config, ['endpoint', 'headers', 'layout']))
    if (!layout.template)
      notes.push('the body is ours, {"event": …, "text": …}, and no longer the Event object')
    const options = { ...headersOf(config), ...(layout.template && { format: 'text' }) }
    return { notes, spec: { type: 'webhook', url: textOf(config.endpoint), options, ...templated(layout) } }
  },
  teams: config => ({
    notes: [
      ...(config.layout === undefined ? [] : ['layout: Teams gets our card']),
      ...restOf(config, ['endpoint', 'layout', 'headers']),
    ],
    spec: { type: 'teams', url: textOf(config.endpoint), options: headersOf(config) },
  }),
  slack: config => {
    const message = config.message === undefined ? { notes: [] } : liquidOf(textOf(config.message))
    const channel = textOf(config.channel)
    const notes = [
      'slack: events went by a token, and go by an incoming webhook here: put its URL into the Secret',
      ...('problem' in message ? [`message: ${message.problem}, so the text is ours`] : message.notes),
      ...(channel.includes('{{')
        ? [`channel: "${channel}" differs by event, an incoming webhook has one`]
        : []),
      ...restOf(config, ['token', 'channel', 'message']),
    ]
    const options: Record<string, string> = channel === '' || channel.includes('{{') ? {} : { channel }
    return { notes, spec: { type: 'slack', url: variable('url'), options, ...templated(message) } }
  },
  elasticsearch: searched,
  opensearch: searched,
}

function searched(config: Config): Target {
  const [host, ...hosts] = Array.isArray(config.hosts) ? config.hosts.map(textOf) : []
  const format = textOf(config.indexFormat)
  const date = { '{2006-01-02}': '{YYYY-MM-DD}', '{2006.01.02}': '{date}', '{2006-01}': '{YYYY-MM}' }
  const index = Object.entries(date).reduce((text, [go, ours]) => text.replaceAll(go, ours), format)
  const isKnown = !/\{\{|\{\d/.test(index)
  const key = textOf(config.apiKey)
  const options = {
    index: (isKnown && index) || textOf(config.index) || 'kube-events',
    ...(config.username ? { username: textOf(config.username), password: textOf(config.password) } : {}),
    ...(key !== '' && { 'headers.Authorization': hasVariable(key) ? key : `ApiKey ${key}` }),
    ...headersOf(config),
  }
  const notes = [
    'the documents are ours, not the Event object',
    ...(hosts.length > 0 ? [`hosts: one of them is used, not ${hosts.join(', ')}`] : []),
    ...(isKnown ? [] : [`indexFormat: "${format}" is not known here`]),
    ...(hasVariable(key) ? ['apiKey: the key of the Secret has to hold "ApiKey " and the key'] : []),
    ...restOf(config, ['hosts', 'index', 'indexFormat', 'username', 'password', 'apiKey', 'headers']),
  ]
  return { notes, spec: { type: 'elasticsearch', url: host ?? variable('url'), options } }
}

const other = (type: string): Target => ({
  notes: [
    `${type}: there is no such receiver here. The hook is suspended: give it the url of something that passes events on to it`,
  ],
  spec: { type: 'webhook', url: `https://${type.toLowerCase()}.example.com/`, suspend: true },
})
