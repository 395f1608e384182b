import { HookSpec, type HookType } from '../../shared/hook.ts'
import type { Problem } from './shape.ts'
import { targetProblem } from './target.ts'

/** What a url is to each kind: the subject to publish on, or where to send to, which some kinds know themselves. */
const urls = {
  event: 'target',
  webhook: 'needed',
  xiezuo: 'needed',
  elasticsearch: 'needed',
  slack: 'needed',
  dingtalk: 'needed',
  feishu: 'needed',
  wecom: 'needed',
  teams: 'needed',
  discord: 'needed',
  alertmanager: 'needed',
  telegram: 'known',
  pagerduty: 'known',
} as const satisfies Record<HookType, 'target' | 'needed' | 'known'>

/** What is wrong with the url of a hook, secrets put in. */
export function urlProblems(spec: HookSpec): Problem[] {
  const key = spec.secretRef?.keys.url
  const path = key === undefined ? ['spec', 'url'] : ['spec', 'secretRef', 'keys', 'url']
  const one = (problem: string | undefined): Problem[] => (problem ? [{ path, problem }] : [])
  const kind = urls[spec.type]
  if (kind === 'target' && key !== undefined)
    return one(
      'for type event the url is the subject to publish on, which every event shows: it is no secret',
    )
  if (spec.url === undefined)
    return one(kind === 'known' ? undefined : `it is missing (${HookSpec.shape.url.description})`)
  if (kind === 'target') return one(targetProblem(spec.url.toLowerCase(), spec))
  const url = URL.parse(spec.url)
  if (url && /^https?:$/.test(url.protocol)) return []
  // The scheme is all of a url that a message may show, and nothing is of one that comes from a Secret.
  const is =
    key === undefined
      ? unlike(url)
      : `what Secret "${spec.secretRef?.name}" has as "${key}" is no web address`
  return one(`${is}, it has to be http://host/path or https://host/path`)
}

const unlike = (url: URL | null) => (url ? `it is a "${url.protocol}" address` : 'it is no web address')
