import { z } from 'zod'
import { token } from './subject.ts'

/** The names of clusters with a NATS of their own that only watch, separated by commas; none where there is nothing. */
export const leafClusters = z
  .string()
  .default('')
  .transform(text => text.split(',').map(name => name.trim()))
  .transform(names => [...new Set(names.filter(name => name !== '').map(domainOf))])

/** The JetStream domain of a leaf cluster: its name, as it stands in subjects. */
export const domainOf = (cluster: string): string => token(cluster)

/** What NATS has to be told to take a stream over the link to a leaf cluster, from its first message that is left. */
export type LeafSource = {
  name: string
  opt_start_seq: number
  external: { api: string; deliver: string }
}

/** Stream `ops` of the leaf cluster with this domain, as a source of ours. */
export const leafSource = (domain: string): LeafSource => ({
  name: 'ops',
  // Unless told, a stream that is not empty begins with what comes after its own last message.
  opt_start_seq: 1,
  external: { api: `$JS.${domain}.API`, deliver: `_LEAF.${domain}` },
})

/** What a stream has of a source; NATS fills in the rest. */
type Source = {
  name: string
  opt_start_seq?: number
  external?: { api: string; deliver?: string } | undefined
}

/**
 * What becomes of the sources of a stream: `all` with those of these domains that were missing, which are `added`, and
 * what is `odd` about those that were there. They stay as they are.
 */
export function sourcesFor<T extends Source>(
  domains: string[],
  are: T[],
): { all: (T | LeafSource)[]; added: string[]; odd: string[] } {
  const added = domains.filter(domain => !are.some(source => domainIn(source) === domain))
  const odd = are.flatMap(source => oddity(source, domains) ?? [])
  return { all: [...are, ...added.map(leafSource)], added, odd }
}

function oddity(source: Source, domains: string[]): string | undefined {
  const domain = domainIn(source)
  if (domain === undefined) return `source "${source.name}": it is of no leaf cluster`
  if (!domains.includes(domain)) return `source of "${domain}": LEAF_CLUSTERS does not name it`
  const wanted = leafSource(domain)
  const same =
    source.name === wanted.name &&
    source.opt_start_seq === wanted.opt_start_seq &&
    source.external?.deliver === wanted.external.deliver
  return same ? undefined : `source of "${domain}": it is ${JSON.stringify(source)}`
}

/** Of which leaf cluster a source is. */
export const domainIn = ({ external }: Source): string | undefined =>
  /^\$JS\.([^.]+)\.API$/.exec(external?.api ?? '')?.[1]
