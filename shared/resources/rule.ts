import type { z } from 'zod'

/** A rule about several fields at once: once for what is read here, and once in CEL for the API server. */
export type Rule<T> = {
  /** Does the value keep it? */
  kept(value: T): boolean
  /** The same in CEL, of `self`. */
  rule: string
  message: string
}

/** A schema that refuses what does not keep the rule, here as well as in the cluster. */
export const withRule = <T extends z.ZodType>(schema: T, { kept, rule, message }: Rule<z.output<T>>) =>
  schema.refine(kept, message).meta({ 'x-kubernetes-validations': [{ rule, message }] })
