import { type Ask, KubernetesError } from '../../../shared/adapters/kubernetes.ts'
import { isObject } from '../../../shared/json.ts'

/** What a kind is called in the API, `pods` for `Pod`. */
export type Plurals = {
  of(apiVersion: string | undefined, kind: string): Promise<string>
  /** Undefined where the API has no such kind. @throws Error where it did not say */
  resource(apiVersion: string, kind: string): Promise<Resource | undefined>
}

type Resource = { plural: string; namespaced: boolean }
type Kinds = Map<string, Resource>

const askAgain = 60_000
/** Of a group of which nothing is known yet, since nobody answered. */
const askSoon = 5_000
const mostGroups = 500
/** What nobody answered to. */
const unknown: Kinds = new Map()
// Whoever makes an event may write anything: `../api/v1/nodes` would be another question.
const groupVersion = /^([a-z0-9][-a-z0-9.]*\/)?[a-z0-9]+$/

/**
 * The API's own plurals, asked by group and version when one is first needed, and again, at most once a minute, for a
 * kind that was not there, sooner where nobody answered. A kind that the API does not know (any more) gets an English
 * plural.
 */
export function pluralsOf(json: (ask: Ask) => Promise<unknown>, now: () => number): Plurals {
  const groups = new Map<string, { asked: number; kinds: Promise<Kinds> }>()

  function kindsOf(apiVersion: string, kind: string): Promise<Kinds> {
    if (!groupVersion.test(apiVersion)) return Promise.resolve(new Map())
    const known = groups.get(apiVersion)
    if (known && now() - known.asked < askAgain) return known.kinds
    const kinds = ask(apiVersion).then(
      async found => (found.has(kind) || !known ? found : new Map([...(await known.kinds), ...found])),
      async error => {
        const before = (await known?.kinds) ?? (isGone(error) ? new Map() : unknown)
        const asked = groups.get(apiVersion)
        if (asked && before === unknown) asked.asked -= askAgain - askSoon
        return before
      },
    )
    if (groups.size < mostGroups || known) groups.set(apiVersion, { asked: now(), kinds })
    return kinds
  }

  async function ask(apiVersion: string): Promise<Kinds> {
    const list = await json({ path: apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}` })
    const resources: unknown[] = isObject(list) && Array.isArray(list.resources) ? list.resources : []
    const kinds: Kinds = new Map()
    for (const resource of resources) {
      if (!isObject(resource)) continue
      const { name, kind, namespaced } = resource
      // With a slash it is a sub-resource, such as pods/eviction of kind Eviction.
      if (typeof name === 'string' && typeof kind === 'string' && !name.includes('/'))
        kinds.set(kind, { plural: name, namespaced: namespaced === true })
    }
    return kinds
  }

  async function resource(apiVersion: string, kind: string): Promise<Resource | undefined> {
    const known = (await groups.get(apiVersion)?.kinds)?.get(kind)
    if (known) return known
    const kinds = await kindsOf(apiVersion, kind)
    if (kinds === unknown) throw new Error(`The API server did not say what there is in "${apiVersion}"`)
    return kinds.get(kind)
  }

  return {
    async of(apiVersion, kind) {
      const known = await resource(apiVersion || 'v1', kind).catch(() => undefined)
      return known?.plural ?? englishPlural(kind)
    },
    resource,
  }
}

const isGone = (error: unknown) => error instanceof KubernetesError && error.status === 404

/** `Ingress` is `ingresses`, `NetworkPolicy` `networkpolicies`. */
export function englishPlural(kind: string): string {
  const word = kind.toLowerCase()
  if (/(s|x|z|ch|sh)$/.test(word)) return `${word}es`
  return /[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}ies` : `${word}s`
}
