import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { Lineage } from './lineage.ts'
import { Time } from './resources/time.ts'
import { token as subjectToken } from './subject.ts'
import { sameToken, sha256 } from './token.ts'

/** A token that was made for one run and is good for as long as it runs: what is kept of it. */
export const RunToken = z.object({
  sha256: z.string(),
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

/** Is this the token that is kept, and good at this time? */
export const isGood = (token: string, kept: RunToken, now: number): boolean =>
  sameToken(token, kept.sha256) && now < Date.parse(kept.expires)

export const digestOf = sha256

/** What a run may publish: findings and alerts of its own cluster, of whatever is in there. */
export function runSubjects(cluster: string): string[] {
  const of = `ops.clusters.${subjectToken(cluster)}`
  return ['findings', 'alerts'].flatMap(observation =>
    [0, 1, 2, 3, 4].map(depth => `${of}${'.*'.repeat(depth)}.${observation}`),
  )
}

/** The tokens of runs that run; every call rejects while NATS is away. */
export type RunTokens = {
  keep(token: RunToken): Promise<void>
  find(uid: string): Promise<RunToken | undefined>
  drop(uid: string): Promise<void>
}
