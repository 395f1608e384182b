import { setTimeout as pause } from 'node:timers/promises'
import { type Ask, KubernetesError } from '../../../shared/adapters/kubernetes.ts'
import { gateOf } from '../gate.ts'

const longest = 10_000

/**
 * Asks with `most` requests under way at once, and again where the API server is busy or away for a moment, as it says
 * or after some time that grows. Each request is one that may arrive twice.
 */
export function patient<T>(
  send: (ask: Ask) => Promise<T>,
  { most = 16, attempts = 6, first = 200, random = Math.random } = {},
): (ask: Ask) => Promise<T> {
  const gate = gateOf(most)

  async function attempt(ask: Ask, made: number): Promise<T> {
    try {
      return await gate(() => send(ask))
    } catch (error) {
      const wait = made < attempts ? waitAfter(error, first * 2 ** (made - 1)) : undefined
      if (wait === undefined) throw error
      // Not all at the same moment again.
      await pause(wait * (1 + random() / 2))
      return attempt(ask, made + 1)
    }
  }

  return ask => attempt(ask, 1)
}

const passing = ['ECONNRESET', 'ECONNREFUSED', 'EPIPE']

function waitAfter(error: unknown, otherwise: number): number | undefined {
  if (error instanceof KubernetesError) {
    if (error.status !== 429 && error.status < 500) return undefined
    return Math.min(error.after ?? otherwise, longest)
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return passing.includes(code) ? otherwise : undefined
}
