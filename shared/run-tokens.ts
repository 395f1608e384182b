import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { Lineage } from './lineage.ts'
import { Time } from './resources/time.ts'
import { token as subjectToken } from './subject.ts'
import { sameToken, sha256 } from './token.ts'

/** A token that was made for one run and is good for as long as it runs: what is kept of it. */
export const RunToken = z.object({
  sha256: z.string(),
  /** Of tokens that the run had before this one, and that steps of it may still have: as good as the latest. */
  former: z.array(z.string()).optional(),
  kind: z.enum(['TaskRun', 'PipelineRun']),
  namespace: z.string(),
  name: z.string(),
  uid: z.string(),
  /** Subject patterns. */
  publish: z.array(z.string()),
  expires: Time,
  /** What is published with it carries this. */
  lineage: Lineage,
})
export type RunToken = z.infer<typeof RunToken>

const prefix = 'opsrun_'

/** A new token of a run. The uid in it finds what is kept. */
export const newRunToken = (uid: string) => `${prefix}${uid}_${randomBytes(24).toString('hex')}`

/** The uid in a token; undefined where it is no run's token. */
export const runOf = (token: string): string | undefined =>
  /^opsrun_([A-Za-z0-9-]{1,64})_[0-9a-f]{48}$/.exec(token)?.[1]

/** Is this one of the tokens that are kept, and good at this time? The time it takes tells nothing of them. */
export function isGood(token: string, kept: RunToken, now: number): boolean {
  const same = [kept.sha256, ...(kept.former ?? [])].filter(digest => sameToken(token, digest))
  return same.length > 0 && now < Date.parse(kept.expires)
}

export const digestOf = sha256

// The longest of our own forms has four tokens between the cluster and the observation; names that scripts put into paths
// of their own may have dots.
const depths = [...Array(13).keys()]

/** What a run may publish: findings and alerts of its own cluster, of whatever is in there. */
export function runSubjects(cluster: string): string[] {
  const of = `ops.clusters.${subjectToken(cluster)}`
  return ['findings', 'alerts'].flatMap(observation =>
    depths.map(depth => `${of}${'.*'.repeat(depth)}.${observation}`),
  )
}

/** The tokens of runs that run; every call rejects while NATS is away. */
export type RunTokens = {
  /** With one that was kept for the same uid before, that stays good beside it: a run that is taken up again may get another. */
  keep(token: RunToken): Promise<void>
  find(uid: string): Promise<RunToken | undefined>
  drop(uid: string): Promise<void>
}
