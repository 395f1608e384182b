import type { OpsEvent } from '../../../shared/event.ts'
import { isObject } from '../../../shared/json.ts'

/** What an SRE asks first, as the path that asks it; `turn` tells one asking from the other. */
export type Question = { name: string; path(turn: number): string }

const hour = 3600_000
const words = [
  'back-off restarting',
  'ErrImagePull',
  'readiness probe failed',
  'MountVolume',
  'quota',
  'node not ready',
]
const parts = ['checkout', 'pods.cart', 'nodes.node-1', 'media', 'ledger-']

/** The ten questions; `some` are events among those that are stored, whose names are asked for. */
export function questionsOn(some: OpsEvent[], until: number): Question[] {
  const event = (turn: number, fits: (data: Record<string, unknown>) => boolean = () => true): OpsEvent => {
    const fitting = some.filter(({ data }) => isObject(data) && fits(data))
    const found = fitting[turn % fitting.length]
    if (!found) throw new Error('None of the events fits what is asked')
    return found
  }
  const field = (of: OpsEvent, name: string) => String(isObject(of.data) ? of.data[name] : '')
  const ask = (path: string, parameters: Record<string, string | number>) => {
    const pairs = Object.entries(parameters).map(([name, value]) => [name, String(value)] as [string, string])
    return `${path}?${new URLSearchParams(pairs)}`
  }
  const last = (hours: number) => ({ start_time: until - hours * hour, end_time: until })
  const week = 7 * 24

  return [
    {
      name: "a namespace's warnings of the last hour",
      path: turn => {
        const namespace = field(
          event(turn, data => data.namespace !== undefined),
          'namespace',
        )
        return ask('/api/v1/query', { namespace, type: 'Warning', ...last(1) })
      },
    },
    {
      name: "a pod's life",
      path: turn => {
        const pod = event(turn, ({ kind }) => kind === 'Pod')
        const [namespace, name] = [field(pod, 'namespace'), field(pod, 'name')]
        return ask('/api/v1/query', {
          namespace,
          name,
          kind: 'Pod',
          order: 'asc',
          limit: 1_000,
          ...last(week),
        })
      },
    },
    {
      name: 'top reasons by cluster of a day',
      path: () => ask('/api/v1/aggregate', { by: 'cluster,reason', top: 50, ...last(24) }),
    },
    { name: 'a correlation', path: turn => `/api/v1/correlations/${event(turn).correlationid}` },
    {
      name: 'words in a week',
      path: turn => ask('/api/v1/query', { q: words[turn % words.length] ?? '', ...last(week) }),
    },
    {
      name: 'counts by 5 minutes of a week',
      path: () => ask('/api/v1/aggregate', { bucket: '5m', ...last(week) }),
    },
    {
      name: 'the newest 100 critical ones',
      path: () => ask('/api/v1/query', { severity: 'critical', limit: 100, ...last(week) }),
    },
    {
      name: 'the minute around a moment',
      path: turn => {
        const moment = Date.parse(event(turn).time ?? '')
        const around = { start_time: moment - hour / 120, end_time: moment + hour / 120 }
        return ask('/api/v1/query', { limit: 1_000, ...around })
      },
    },
    {
      name: 'subjects by a part',
      path: turn => ask('/api/v1/events', { search: parts[turn % parts.length] ?? '', page_size: 50 }),
    },
    { name: 'patterns of the last hour', path: () => ask('/api/v1/patterns', last(1)) },
  ]
}
