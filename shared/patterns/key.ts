import { hash } from 'node:crypto'
import { correlationIdOf } from '../correlation.ts'
import { idOf } from '../id.ts'
import { resourceSubject, token } from '../subject.ts'

/** What makes events alike: they are about one trouble of one kind of object in one place. */
export type PatternKey = { cluster: string; reason: string; kind: string; namespace: string }

/** As one text, for maps. */
export const textOf = ({ cluster, reason, kind, namespace }: PatternKey): string =>
  JSON.stringify([cluster, reason, kind, namespace])

/** `ops.clusters.prod.patterns.backoff-pod-shop.alerts` */
export const patternSubject = (key: PatternKey): string =>
  resourceSubject({ cluster: key.cluster, plural: 'patterns', name: keyName(key), observation: 'alerts' })

/**
 * The pattern's token: `backoff-pod-shop`, or `nodenotready-node` for what is in no namespace. Whatever is not written as
 * Kubernetes does (`BackOff`, `Pod`, `shop`) has a hash behind it, so that `a-b` in `c` is not `a` of `b-c`.
 */
export function keyName({ reason, kind, namespace }: PatternKey): string {
  const parts = [reason, kind, namespace].filter(part => part !== '')
  const name = token(parts.join('-')).slice(0, longest)
  const isPlain = camel.test(reason) && camel.test(kind) && label.test(namespace) && name.length < longest
  return isPlain
    ? name
    : `${name}-${hash('sha1', JSON.stringify([reason, kind, namespace]), 'hex').slice(0, 8)}`
}

const longest = 160
const camel = /^[A-Z][A-Za-z0-9]*$/
const label = /^[a-z0-9-]*$/

/** The id of the event that tells a pattern, once in `window` ms: the same for whoever tells it. */
export const tellingId = ({ cluster, reason, kind, namespace }: PatternKey, turn: number): string =>
  idOf('pattern', cluster, reason, kind, namespace, String(turn))

/** All that is told of a pattern within an hour belongs together, and to nothing else. */
export const correlationOfPattern = (key: PatternKey, time: number): string =>
  correlationIdOf({ cluster: key.cluster, kind: 'Pattern', name: keyName(key) }, time)
