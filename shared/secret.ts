/** Why a Secret cannot be had, as a condition of Kubernetes says it in a word. */
export type SecretReason = 'SecretMissing' | 'SecretForbidden' | 'SecretUnreadable'

/** What is known of a Secret: its values by key, or why there are none. */
export type Secret = { values: ReadonlyMap<string, string> } | { reason: SecretReason; problem: string }

/** Reads these keys of a Secret; `id` is `namespace/name`. */
export type ReadSecret = (id: string, keys: string[]) => Promise<Secret>
