import { z } from 'zod'
import type { ReadSecret, Secret } from '../secret.ts'
import { type Ask, KubernetesError } from './kubernetes.ts'

const Answer = z.object({ data: z.record(z.string(), z.string()).default({}) })

/**
 * Reads Secrets of the cluster one by one, by name: that is all that `reader` may do with them. `grant` names the file
 * that lets it.
 */
export function secretsOf(
  json: (ask: Ask) => Promise<unknown>,
  who: { reader: string; grant: string },
): ReadSecret {
  return async (id, keys) => {
    const [namespace, name] = id.split('/')
    try {
      const path = `/api/v1/namespaces/${namespace}/secrets/${name}`
      return decoded(id, Answer.parse(await json({ path })).data, keys)
    } catch (error) {
      // What cannot be parsed is quoted in the message of this error, and may be half a secret.
      if (error instanceof SyntaxError || error instanceof z.ZodError)
        throw new Error("The API server's answer is no Secret")
      const said = error instanceof KubernetesError ? refusals[error.status] : undefined
      if (!said) throw error
      return { reason: said.reason, problem: said.problem(id, who) }
    }
  }
}

type Refusal = {
  reason: 'SecretMissing' | 'SecretForbidden'
  problem(id: string, who: { reader: string; grant: string }): string
}

const refusals: Record<number, Refusal> = {
  404: { reason: 'SecretMissing', problem: id => `Secret "${id}" does not exist` },
  403: {
    reason: 'SecretForbidden',
    problem: (id, { reader, grant }) =>
      `${reader} may not read Secret "${id}": grant it "get" on secrets, ${grant} says how`,
  },
}

function decoded(id: string, data: Record<string, string>, keys: string[]): Secret {
  const values = new Map<string, string>()
  for (const key of keys) {
    const encoded = Object.hasOwn(data, key) ? data[key] : undefined
    if (encoded === undefined) continue
    const value = textOf(Buffer.from(encoded, 'base64'))
    if (value === undefined) return notText(id, key)
    values.set(key, value)
  }
  return { values }
}

/** A value as text, without the newline that files and `echo` leave at its end; undefined when it is no UTF-8. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r?\n$/, '')
  } catch {
    // It throws for one reason only.
    return undefined
  }
}

/** What is said of a value that is no text. */
export const notText = (id: string, key: string): Secret => ({
  reason: 'SecretUnreadable',
  problem: `key "${key}" of Secret "${id}" is not UTF-8`,
})
