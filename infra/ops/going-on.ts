import { setTimeout as pause } from 'node:timers/promises'
import { messageOf } from '../../shared/log.ts'
import { type Client, Trouble, unreachable } from './client.ts'

/** The pause before it is asked again, which doubles while nothing comes. */
const pauses = { first: 250, longest: 5_000 }
/** Away for longer than this is said. */
const moment = 5_000

/** Since when nothing comes, how often it was asked since, and whether that was said. */
type Absence = { since: number; asks: number; said: boolean }

/**
 * What ops-api tells at a path, each once, over as many connections as that takes: gateways cut them, and ops-api is put
 * up anew. @throws Trouble where it was not there in the first place, or refuses
 */
export async function* goingOn(
  path: string,
  { client, warn }: { client: Client; warn(text: string): void },
): ReturnType<Client['follow']> {
  let last: string | undefined
  let heard = false
  let absence: Absence | undefined
  for (;;) {
    let why = 'ops-api has ended the stream'
    try {
      for await (const told of client.follow(path, last)) {
        if (absence?.said) warn('It goes on')
        absence = undefined
        heard = true
        last = told.id ?? last
        yield told
      }
    } catch (error) {
      if (!heard || !passes(error)) throw error
      why = messageOf(error)
    }
    absence ??= { since: performance.now(), asks: 0, said: false }
    if (!absence.said && performance.now() - absence.since > moment) {
      absence.said = true
      warn(`${why}, asking again until it answers`)
    }
    await pause(Math.min(pauses.first * 2 ** absence.asks++, pauses.longest))
  }
}

/** As a function is not there yet, or too many are. */
const passing = new Set([404, 408, 425, 429])

const passes = (error: unknown): boolean =>
  error instanceof Trouble &&
  (error.code === unreachable || (error.status ?? 0) >= 500 || passing.has(error.status ?? 0))
