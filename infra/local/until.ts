import { setTimeout as pause } from 'node:timers/promises'
import type { Child } from './child.ts'

/**
 * Asks every 20 ms until there is an answer.
 * @throws Error naming what was waited for, with the child's last lines, when that ends first or a minute is over
 */
export async function until<T>(what: string, child: Child, ask: () => Promise<T | undefined>): Promise<T> {
  let ended: string | undefined
  void child.exited.then(how => {
    ended = how
  })
  for (let turn = 0; turn < 3_000; turn++) {
    const answer = await ask()
    if (ended) throw new Error(`Waited for ${what}, but it ended with ${ended}:\n${child.tail()}`)
    if (answer !== undefined) return answer
    await pause(20)
  }
  throw new Error(`Waited a minute for ${what}:\n${child.tail()}`)
}
