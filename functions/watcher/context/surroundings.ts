import type { KubeEvent } from '../events/occurrence.ts'
import type { Enrich } from './enrich.ts'
import { isNode, type Known, type Ref, zoneLabel } from './known.ts'

type Texts = Record<string, string>
type Owner = { kind: string; name: string; uid: string }

/** Further fields of an event's data. Of the object: `labels` and `annotations`; of the last of its owners: those of `root`. */
export type Surroundings = {
  node?: string
  zone?: string
  /** Nearest first. */
  owners?: Owner[]
  labels?: Texts
  annotations?: Texts
  root?: { labels?: Texts; annotations?: Texts }
  claims?: { name: string; storageClass?: string }[]
}

/** What is known of an object: `gone` where there is none, undefined where nobody has looked yet. */
export type Look = (ref: Ref) => Known | 'gone' | undefined

const mostOwners = 8
const mostClaims = 5

/** What surrounds an event as far as is known, and which objects would have to be looked at for the rest. */
export function surroundingsOf(
  event: KubeEvent,
  enrich: Enrich,
  look: Look,
): { found: Surroundings; missing: Ref[] } {
  const missing: Ref[] = []
  const self = refOf(event)
  if (!self) return { found: {}, missing }

  /** Undefined where it is gone, or not known yet. `whole`: what was only heard of it is not enough. */
  function see(ref: Ref, whole = false): Known | undefined {
    const known = look(ref)
    if (known === 'gone') return undefined
    if (known && !(whole && known.heard)) return known
    missing.push(ref)
    return known
  }

  const isPod = self.kind === 'Pod'
  const host = event.deprecatedSource?.host || (isNode(self) ? self.name : undefined)
  const inVolumes = enrich.claims && isAboutVolumes(event)
  const marked = enrich.labels.length + enrich.annotations.length > 0
  const seeksNode = isPod && !host && (enrich.node || enrich.zone)
  const isOwned = enrich.owner && !rootKinds.has(self.kind)
  const known =
    marked || seeksNode || isOwned || inVolumes
      ? see(self, marked || (isPod && inVolumes) || (seeksNode && !nodeHeard(look(self))))
      : undefined

  const owners = isOwned && known ? ownersOf(self, known) : []
  const root = owners.at(-1)
  const node = host ?? known?.node
  const zone = enrich.zone && node ? see(nodeRef(node))?.labels?.[zoneLabel] : undefined
  const claims = inVolumes ? claimsOf(self, known) : []
  const ofRoot = marked && root ? marksOf(see(root, true), enrich) : undefined
  const found: Surroundings = {
    ...(enrich.node && node && { node }),
    ...(zone && { zone }),
    ...(owners.length > 0 && { owners: owners.map(({ kind, name, uid }) => ({ kind, name, uid })) }),
    ...(marked && known && marksOf(known, enrich)),
    ...(ofRoot && Object.keys(ofRoot).length > 0 && { root: ofRoot }),
    ...(claims.length > 0 && { claims }),
  }
  return { found, missing }

  function ownersOf(of: Ref, first: Known): Ref[] {
    const owners: Ref[] = []
    const uids = new Set([of.uid, first.uid])
    let at = first.owner ?? podOfClaim(of)
    while (at && !isNode(at) && !uids.has(at.uid) && owners.length < mostOwners) {
      owners.push(at)
      uids.add(at.uid)
      at = see(at)?.owner
    }
    return owners
  }

  /** The pod of a StatefulSet whose claim this is: nobody owns those, but they are named for template and pod. */
  function podOfClaim({ kind, namespace, name }: Ref): Ref | undefined {
    if (kind !== 'PersistentVolumeClaim') return undefined
    for (const pod of podsNamedIn(name)) {
      const ref = { apiVersion: 'v1', kind: 'Pod', namespace, name: pod, uid: '' }
      const known = see(ref, true)
      if (known?.claims?.includes(name)) return { ...ref, uid: known.uid }
    }
    return undefined
  }

  function claimsOf({ kind, namespace, name }: Ref, known: Known | undefined): Surroundings['claims'] & {} {
    const isClaim = kind === 'PersistentVolumeClaim'
    const names = isClaim ? [name] : (known?.claims ?? []).slice(0, mostClaims)
    return names.map(claim => {
      const ref = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name: claim, uid: '' }
      const storageClass = (isClaim ? known : see(ref))?.storageClass
      return { name: claim, ...(storageClass !== undefined && { storageClass }) }
    })
  }
}

/** Nobody owns them in a way that would make them part of something. */
const rootKinds = new Set(['Node', 'Namespace', 'PersistentVolume'])

/** The object that an event is about; undefined where it does not say. */
function refOf({ regarding }: KubeEvent): Ref | undefined {
  const { apiVersion, kind, namespace, name, uid } = regarding ?? {}
  if (!kind || !name) return undefined
  const ref = { apiVersion: apiVersion || 'v1', kind, namespace: namespace ?? '', name, uid: uid ?? '' }
  return isNode(ref) ? nodeRef(name) : ref
}

const nodeRef = (name: string): Ref => ({ apiVersion: 'v1', kind: 'Node', namespace: '', name, uid: '' })

const nodeHeard = (known: Known | 'gone' | undefined): boolean =>
  known !== undefined && known !== 'gone' && known.node !== undefined

function marksOf(known: Known | undefined, { labels, annotations }: Enrich) {
  const chosen = (all: Texts | undefined, names: string[]) => {
    const own = Object.entries(all ?? {}).filter(([name]) => names.includes(name))
    return own.length > 0 ? Object.fromEntries(own) : undefined
  }
  const [some, others] = [chosen(known?.labels, labels), chosen(known?.annotations, annotations)]
  return { ...(some && { labels: some }), ...(others && { annotations: others }) }
}

// `data-web-0` is of pod `web-0`, or of `data-web-0` whose template has no hyphen in front: the longest name first.
function podsNamedIn(claim: string): string[] {
  if (!/-\d+$/.test(claim)) return []
  const parts = claim.split('-')
  const names = parts.slice(1, -1).map((_, index) => parts.slice(index + 1).join('-'))
  return names.slice(0, 4)
}

const volumeReason = /Volume|Mount|Attach|Provision|Claim|WaitForFirstConsumer|WaitForPodScheduled|Resiz/
const volumeWords = /volume|persistentvolumeclaim|pvc/i

/** Is it about storage? The scheduler says so in words alone. */
function isAboutVolumes({ regarding, reason, note }: KubeEvent): boolean {
  if (regarding?.kind === 'PersistentVolumeClaim') return true
  if (regarding?.kind !== 'Pod') return false
  return volumeReason.test(reason ?? '') || (reason === 'FailedScheduling' && volumeWords.test(note ?? ''))
}
