import { z } from 'zod'
import { Time } from './time.ts'

/** A condition as all of Kubernetes has it (metav1.Condition). */
export const Condition = z.strictObject({
  type: z.string().min(1).max(316),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z
    .string()
    .min(1)
    .max(1024)
    .regex(/^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/),
  message: z.string().max(32_768),
  lastTransitionTime: Time.describe('When status last changed'),
  observedGeneration: z.int().min(0).optional(),
})
export type Condition = z.infer<typeof Condition>

const count = z.int().min(0).optional()

/** One of each type, as the API server merges them. */
export const conditions = z
  .array(Condition)
  .optional()
  .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] })

/** `status` of an EventHooks resource. */
export const HookStatus = z.strictObject({
  observedGeneration: z.int().min(0).optional().describe('The generation of the spec that this is about'),
  conditions: conditions.describe('Ready: is the hook in force as it is written?'),
  matched: count.describe('Events that it fired on'),
  delivered: count.describe('Deliveries that the receiver took'),
  failed: count.describe('Deliveries that were given up'),
  suppressed: count.describe('Events that it would have fired on and was kept from'),
  lastMatchedTime: Time.optional(),
  lastError: z.string().optional().describe('Why the last delivery that failed did'),
})
export type HookStatus = z.infer<typeof HookStatus>
