import type { Ask } from '../../../shared/adapters/kubernetes.ts'
import { isObject } from '../../../shared/json.ts'

/** What a kind is called in the API, `pods` for `Pod`. */
export type Plurals = { of(apiVersion: string | undefined, kind: string): Promise<string> }

const askAgain = 60_000
const mostGroups = 500

/**
 * The API's own plurals, asked by group and version when one is first needed, and again, at most once a minute, for a
 * kind that was not there. A kind that the API does not know (any more) gets an English plural.
 */
export function pluralsOf(json: (ask: Ask) => Promise<unknown>, now: () => number): Plurals {
  const groups = new Map<string, { asked: number; kinds: Promise<Map<string, string>> }>()

  function kindsOf(apiVersion: string, kind: string): Promise<Map<string, string>> {
    const known = groups.get(apiVersion)
    if (known && now() - known.asked < askAgain) return known.kinds
    const kinds = ask(apiVersion).then(
      async found => (found.has(kind) || !known ? found : new Map([...(await known.kinds), ...found])),
      () => known?.kinds ?? new Map<string, string>(),
    )
    if (groups.size < mostGroups || known) groups.set(apiVersion, { asked: now(), kinds })
    return kinds
  }

  async function ask(apiVersion: string): Promise<Map<string, string>> {
    const list = await json({ path: apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}` })
    const resources: unknown[] = isObject(list) && Array.isArray(list.resources) ? list.resources : []
    const kinds = new Map<string, string>()
    for (const resource of resources) {
      if (!isObject(resource)) continue
      const { name, kind } = resource
      // With a slash it is a sub-resource, such as pods/eviction of kind Eviction.
      if (typeof name === 'string' && typeof kind === 'string' && !name.includes('/')) kinds.set(kind, name)
    }
    return kinds
  }

  return {
    async of(apiVersion, kind) {
      const settled = groups.get(apiVersion || 'v1')
      const known = (await settled?.kinds)?.get(kind)
      return known ?? (await kindsOf(apiVersion || 'v1', kind)).get(kind) ?? englishPlural(kind)
    },
  }
}

/** `Ingress` is `ingresses`, `NetworkPolicy` `networkpolicies`. */
export function englishPlural(kind: string): string {
  const word = kind.toLowerCase()
  if (/(s|x|z|ch|sh)$/.test(word)) return `${word}es`
  return /[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}ies` : `${word}s`
}
