import { HookSpec } from '../../shared/hook.ts'
import type { Flaw } from '../../shared/receivers/settings.ts'
import { readSettings, receivers } from '../../shared/receivers.ts'
import type { Problem } from './shape.ts'
import { targetProblem } from './target.ts'

/** What is wrong with where a hook sends to and how, secrets put in. */
export function addressProblems(spec: HookSpec): Problem[] {
  const problem = urlProblem(spec)
  const wrong: Problem[] = problem ? [{ path: pathOf('url', spec), problem }] : []
  if (spec.type === 'event') return wrong
  const { home, inside } = receivers[spec.type]
  if (inside) wrong.push(...shownProblems(spec, inside))
  const url = spec.url === undefined ? home : (URL.parse(spec.url) ?? undefined)
  const read = readSettings(spec.type, { url: problem ? undefined : url, options: spec.options })
  return 'flaws' in read ? [...wrong, ...read.flaws.map(flaw => flawed(flaw, spec))] : wrong
}

function urlProblem(spec: HookSpec): string | undefined {
  const key = spec.secretRef?.keys.url
  if (spec.type === 'event' && key !== undefined)
    return 'for type event the url is the subject to publish on, which every event shows: it is no secret'
  const { home, inside } = spec.type === 'event' ? {} : receivers[spec.type]
  if (inside) return spec.url ? `type ${spec.type} ${inside} and has no url: leave it out` : undefined
  if (spec.url === undefined) {
    return home ? undefined : `it is missing (${HookSpec.shape.url.description})`
  }
  if (spec.type === 'event') return targetProblem(spec.url.toLowerCase(), spec)
  const url = URL.parse(spec.url)
  if (url && /^https?:$/.test(url.protocol)) return undefined
  // The scheme is all of a url that a message may show, and nothing is of one that comes from a Secret.
  const is =
    key === undefined
      ? unlike(url)
      : `what Secret "${spec.secretRef?.name}" has as "${key}" is no web address`
  return `${is}, it has to be http://host/path or https://host/path`
}

/** What is given to something in the open is no secret, wherever it comes from. */
const shownProblems = ({ type, secretRef }: HookSpec, inside: string): Problem[] =>
  Object.keys(secretRef?.keys ?? {})
    .filter(field => field !== 'url')
    .map(field => ({
      path: ['spec', 'secretRef', 'keys', field],
      problem: `type ${type} ${inside}, and shows what it gives to that: a Task takes its own secrets by a mount`,
    }))

/** A value of a Secret is wrong where it is named. */
const pathOf = (field: string, { secretRef }: HookSpec): string[] =>
  secretRef && Object.hasOwn(secretRef.keys, field)
    ? ['spec', 'secretRef', 'keys', field]
    : ['spec', ...field.split(/(?<=^options)\./)]

function flawed({ field, problem }: Flaw, spec: HookSpec): Problem {
  return { path: pathOf(field, spec), problem: `it ${problem}` }
}

const unlike = (url: URL | null) => (url ? `it is a "${url.protocol}" address` : 'it is no web address')
