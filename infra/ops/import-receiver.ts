import { liquidOf } from './import-layout.ts'
import { hidden } from './import-secret.ts'

/** What of a hook says where to and how, or `left`: why there is no hook for it. */
export type Target = {
  notes: string[]
  left?: string
  spec?: {
    type: string
    url?: string
    options?: Record<string, string>
    template?: string
    suspend?: true
    secretRef?: { name: string; keys: Record<string, string> }
  }
}
type Config = Record<string, unknown>

/** What there is instead of receivers that nobody needs here. */
const needless: Record<string, string> = {
  stdout: 'events are kept: npm run ops -- events, npm run ops -- tail',
  file: 'events are kept: npm run ops -- events --json',
  inMemory: 'it was for tests',
  prometheus: 'the watcher counts events itself: event_exporter_events_total',
}

/** The receiver of that name as a hook's: its variables `${X}` become keys of a Secret. */
export function targetOf(receiver: Config): Target {
  const [type = 'nothing'] = Object.keys(receiver).filter(
    key => key !== 'name' && receiver[key] !== undefined,
  )
  if (type in needless) return { notes: [], left: `${type}: ${needless[type]}` }
  const config = isConfig(receiver[type]) ? receiver[type] : {}
  const made = targets[type]?.(config) ?? other(type)
  return made.spec ? { ...made, ...hidden(made, String(receiver.name)) } : made
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
    notes: ['layout: Teams gets our card', ...restOf(config, ['endpoint', 'layout', 'headers'])].slice(
      config.layout === undefined ? 1 : 0,
    ),
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
    ...(key !== '' && { 'headers.Authorization': key.includes('${') ? key : `ApiKey ${key}` }),
    ...headersOf(config),
  }
  const notes = [
    'the documents are ours, not the Event object',
    ...(hosts.length > 0 ? [`hosts: one of them is used, not ${hosts.join(', ')}`] : []),
    ...(isKnown ? [] : [`indexFormat: "${format}" is not known here`]),
    ...(key.includes('${') ? ['apiKey: the key of the Secret has to hold "ApiKey " and the key'] : []),
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

const headersOf = (config: Config) =>
  Object.fromEntries(
    Object.entries(isConfig(config.headers) ? config.headers : {}).map(([name, value]) => [
      `headers.${name}`,
      textOf(value),
    ]),
  )

function layoutOf({ layout }: Config): { notes: string[]; template?: string } {
  if (!isConfig(layout) || Object.keys(layout).length === 0) return { notes: [] }
  const made = liquidOf(layout)
  return 'problem' in made ? { notes: [`layout: ${made.problem}`] } : made
}

const templated = (made: object) => ('template' in made ? { template: String(made.template) } : {})

/** What is not taken over of a receiver, by name. */
const restOf = (config: Config, known: string[]) =>
  Object.keys(config)
    .filter(name => !known.includes(name))
    .map(name => `${name}: not carried over`)

const variable = (name: string) => `\${${name}}`

const textOf = (value: unknown) => (value === undefined || value === null ? '' : String(value))
const isConfig = (value: unknown): value is Config =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
