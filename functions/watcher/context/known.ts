import { isObject } from '../../../shared/json.ts'
import type { Enrich } from './enrich.ts'

/** An object of the API; `namespace` and `uid` are empty where there is none, or none is known. */
export type Ref = { apiVersion: string; kind: string; namespace: string; name: string; uid: string }

type Texts = Record<string, string>

/** What is kept of an object, and no more. */
export type Known = {
  uid: string
  /** Whoever controls it: the owner with `controller: true`. */
  owner?: Ref
  labels?: Texts
  annotations?: Texts
  /** Where a pod runs. */
  node?: string
  /** Names of the claims that a pod has. */
  claims?: string[]
  /** Of a claim. */
  storageClass?: string
  /** It was only heard of: what is not here may be there all the same. */
  heard?: true
}

export const zoneLabel = 'topology.kubernetes.io/zone'
const mostClaims = 10
const longest = 1_000

/** The kinds of which more than their metadata is read. */
export const isReadWhole = (kind: string): boolean => kind === 'Pod' || kind === 'PersistentVolumeClaim'

/** A kind that events name by its name: kubelet gives that as the uid, too. */
export const isNode = ({ kind, apiVersion }: { kind: string; apiVersion: string }): boolean =>
  kind === 'Node' && apiVersion === 'v1'

/** Under which name something is remembered. Not by uid alone, or one could ask after what is in another namespace. */
export const keyOf = ({ apiVersion, kind, namespace, name, uid }: Ref): string =>
  `${apiVersion} ${kind} ${namespace} ${name} ${uid}`

/** What is kept of an answer of the API server, and under which other uid events speak of it. @throws Error where it is no object */
export function knownOf(ref: Ref, answer: unknown, enrich: Enrich): { known: Known; alias?: string } {
  const metadata = isObject(answer) && isObject(answer.metadata) ? answer.metadata : undefined
  if (!metadata || typeof metadata.uid !== 'string') throw new Error('The answer is no object')
  const spec = isObject(answer) && isObject(answer.spec) ? answer.spec : {}
  const owner = controllerOf(metadata.ownerReferences, ref.namespace)
  const labels = picked(metadata.labels, isNode(ref) ? [...enrich.labels, zoneLabel] : enrich.labels)
  const annotations = picked(metadata.annotations, enrich.annotations)
  const known: Known = {
    uid: metadata.uid,
    ...(owner && { owner }),
    ...(labels && { labels }),
    ...(annotations && { annotations }),
    ...(ref.kind === 'Pod' && ofPod(spec, ref.name)),
    ...(ref.kind === 'PersistentVolumeClaim' &&
      typeof spec.storageClassName === 'string' && { storageClass: spec.storageClassName }),
  }
  // Of a static pod kubelet speaks by the hash of its file, and the API by the uid of its mirror.
  const { 'kubernetes.io/config.hash': hash } = picked(metadata.annotations, [configHash]) ?? {}
  return { known, ...(hash !== undefined && { alias: hash }) }
}

const configHash = 'kubernetes.io/config.hash'

function ofPod(spec: Record<string, unknown>, pod: string): Pick<Known, 'node' | 'claims'> {
  const volumes: unknown[] = Array.isArray(spec.volumes) ? spec.volumes : []
  const claims = volumes.flatMap(volume => claimOf(volume, pod) ?? []).slice(0, mostClaims)
  return {
    ...(typeof spec.nodeName === 'string' && spec.nodeName !== '' && { node: spec.nodeName }),
    ...(claims.length > 0 && { claims }),
  }
}

function claimOf(volume: unknown, pod: string): string | undefined {
  if (!isObject(volume)) return undefined
  // The claim of a generic ephemeral volume is named for pod and volume.
  if (isObject(volume.ephemeral)) return `${pod}-${String(volume.name)}`
  const name = isObject(volume.persistentVolumeClaim) ? volume.persistentVolumeClaim.claimName : undefined
  return typeof name === 'string' ? name : undefined
}

function controllerOf(references: unknown, namespace: string): Ref | undefined {
  const all: unknown[] = Array.isArray(references) ? references : []
  for (const one of all) {
    if (!isObject(one) || one.controller !== true) continue
    const { apiVersion, kind, name, uid } = one
    if ([apiVersion, kind, name, uid].every(text => typeof text === 'string' && text !== ''))
      return {
        ...{ apiVersion: String(apiVersion), kind: String(kind) },
        ...{ namespace, name: String(name), uid: String(uid) },
      }
  }
  return undefined
}

function picked(given: unknown, names: string[]): Texts | undefined {
  if (!isObject(given) || names.length === 0) return undefined
  const found = names.flatMap((name): [string, string][] => {
    const value = Object.hasOwn(given, name) ? given[name] : undefined
    return typeof value === 'string' ? [[name, value.slice(0, longest)]] : []
  })
  return found.length > 0 ? Object.fromEntries(found) : undefined
}
