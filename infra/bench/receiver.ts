import { z } from 'zod'
import type { Stand } from './stand.ts'

/** What a sink process got: when each came, on the machine's clock in ms, and how many came more than once. */
export type Ledger = { arrivals: Map<string, number>; repeats: number }

const Told = z.object({ arrivals: z.array(z.tuple([z.string(), z.number()])), repeats: z.number() })

/** A sink process, seen from the bench. */
export type Receiver = {
  url: string
  /** Resolves when so many different ones have come. @throws Error when they do not within `patience` ms */
  until(count: number, patience?: number): Promise<void>
  ledger(): Promise<Ledger>
  reset(): Promise<void>
}

/** Starts a sink in a process of its own. */
export async function openReceiver(stand: Stand): Promise<Receiver> {
  const url = await stand.print('sink', 'infra/bench/sink.ts')
  const ledger = async (): Promise<Ledger> => {
    const { arrivals, repeats } = Told.parse(await (await fetch(`${url}/ledger`)).json())
    return { arrivals: new Map(arrivals), repeats }
  }
  return {
    url,
    ledger,
    async until(count, patience = 60_000) {
      try {
        await (await fetch(`${url}/until?count=${count}`, { signal: AbortSignal.timeout(patience) })).json()
      } catch (error) {
        const { arrivals } = await ledger()
        throw new Error(`Only ${arrivals.size} of ${count} reached the sink in ${patience / 1000} s`, {
          cause: error,
        })
      }
    },
    async reset() {
      await (await fetch(`${url}/reset`, { method: 'POST' })).json()
    },
  }
}

/** Checks that what was expected came, all of it and nothing else; returns how many came more than once. */
export function accountFor(expected: Iterable<string>, { arrivals, repeats }: Ledger): number {
  const wanted = new Set(expected)
  const lost = [...wanted].filter(key => !arrivals.has(key))
  const strange = [...arrivals.keys()].filter(key => !wanted.has(key))
  if (lost.length > 0 || strange.length > 0) {
    throw new Error(
      `Of ${wanted.size} deliveries ${lost.length} are lost (${lost.slice(0, 3)}) and ${strange.length} came that nobody expected (${strange.slice(0, 3)})`,
    )
  }
  return repeats
}
