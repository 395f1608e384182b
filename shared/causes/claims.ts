import { z } from 'zod'
import { isObject } from '../json.ts'
import { type Seen, textOf } from './rule.ts'

/** A claim that a pod mounts, or is: with what is known of its volume and class. */
export type Claim = { name: string; volume?: string | undefined; storageClass?: string | undefined }

const text = z.string().min(1).optional()
const Claims = z.array(
  z.union([
    z.object({ name: z.string().min(1), volume: text, storageClass: text }),
    z
      .string()
      .min(1)
      .transform((name): Claim => ({ name })),
  ]),
)
const Own = z.object({
  uid: text.catch(undefined),
  volume: text.catch(undefined),
  storageClass: text.catch(undefined),
})

/** The claims that an event is about: `data.claims` of a pod, or the claim itself. */
export function claimsOf({ kind, name, data }: Seen): Claim[] {
  if (!isObject(data)) return []
  const said = data.claims === undefined ? [] : (Claims.safeParse(data.claims).data ?? [])
  if (kind !== 'PersistentVolumeClaim') return said
  const { uid, volume, storageClass } = Own.parse(data)
  const [first] = said
  // Provisioners name a volume so, unless they are told otherwise.
  const named = volume ?? first?.volume ?? (uid ? `pvc-${uid}` : undefined)
  return [{ name, volume: named, storageClass: storageClass ?? first?.storageClass }]
}

/** Names of claims and of volumes in the message, as scheduler and kubelet write them. */
export function namedIn(event: Seen): { claims: string[]; volumes: string[] } {
  const said = textOf(event)
  const all = (pattern: RegExp) => [...said.matchAll(pattern)].flatMap(([, name]) => name ?? [])
  return {
    claims: all(/persistentvolumeclaim "([^"]{1,253})"/gi),
    volumes: all(/\bvolume "([^"]{1,253})"/gi),
  }
}
