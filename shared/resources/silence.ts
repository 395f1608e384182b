import { z } from 'zod'
import { apiVersion } from '../hook.ts'
import { SilenceSpec } from '../silence.ts'
import { conditions } from './hook-status.ts'

/** `status` of a Silence. */
export const SilenceStatus = z.strictObject({
  observedGeneration: z.int().min(0).optional().describe('The generation of the spec that this is about'),
  conditions: conditions.describe('Ready: is the silence taken in as it is written?'),
})
export type SilenceStatus = z.infer<typeof SilenceStatus>

/** A Silence resource, as people write it. */
export const SilenceResource = z.object({
  apiVersion: z.literal(apiVersion),
  kind: z.literal('Silence'),
  metadata: z.object({ name: z.string().min(1), namespace: z.string().min(1).default('default') }),
  spec: SilenceSpec,
})
export type SilenceResource = z.infer<typeof SilenceResource>
