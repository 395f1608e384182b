/** How far the events of a cluster were seen: the version behind which to go on, and when that was, in Unix ms. */
export type Place = { resourceVersion: string; time: number }

/** Versions are numbers of etcd, and compared as such (Kubernetes 1.35 and newer promise it). */
export function isNewer(one: string, other: string): boolean {
  return /^\d+$/.test(one) && /^\d+$/.test(other) ? BigInt(one) > BigInt(other) : one !== other
}
