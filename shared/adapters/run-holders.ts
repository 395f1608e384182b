import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Msg } from '@nats-io/transport-node'
import { connectionOf, type Nats } from './nats.ts'

/** Which processes are at work on which runs: they answer for them over NATS, and stop when they are told to. */
export type RunHolders = {
  /** From when it resolves, this process answers for the run; `stop` is told why. Rejects while NATS is away. */
  hold(uid: string, stop: (why: string) => void): Promise<Held>
  /** Is a process at work on it? One that answers nobody, and is not known to be gone, counts as at work. */
  isHeld(uid: string): Promise<boolean>
  /** Has whoever is at work on it stop; resolves when it has let go of the run, or was not heard of for `stopWithin`. */
  stop(uid: string, why: string): Promise<void>
}
export type Held = { letGo(): void }

const answerWithin = 2_000
const stopWithin = 20_000
const askEvery = 250

/**
 * Holders by their subscriptions: NATS itself says at once when there is none any more, as behind `kill -9`. Nothing is
 * written while a run runs.
 */
export function runHoldersOver(nats: Nats): RunHolders {
  const subjectOf = (uid: string) => `ops-events.stop.${uid}`

  /** Whether anybody is there; what is not answered in time may still be. */
  async function ask(uid: string, why: string): Promise<boolean> {
    const nc = await connectionOf(nats)
    const reply = `${nats.inboxPrefix}.${randomUUID()}`
    return new Promise((resolve, reject) => {
      const answered = nc.subscribe(reply, {
        max: 1,
        timeout: answerWithin,
        callback: (error, message) => resolve(error !== null || !isNobody(message)),
      })
      try {
        nc.publish(subjectOf(uid), why, { reply })
      } catch (error) {
        answered.unsubscribe()
        reject(error)
      }
    })
  }

  return {
    async hold(uid, stop) {
      const nc = await connectionOf(nats)
      const held = nc.subscribe(subjectOf(uid), {
        callback(error, message) {
          if (error) return
          message.respond('')
          const why = message.string()
          if (why) stop(why)
        },
      })
      // The server knows of it before the run says that it runs.
      await nc.flush()
      return { letGo: () => held.unsubscribe() }
    },
    isHeld: uid => ask(uid, ''),
    async stop(uid, why) {
      const until = performance.now() + stopWithin
      let held = await ask(uid, why)
      while (held && performance.now() < until) {
        await pause(askEvery)
        held = await ask(uid, '')
      }
    },
  }
}

// NATS 2.2 and later: a request that nobody listens to is answered with 503 and nothing in it.
const isNobody = (message: Msg): boolean => message.data.length === 0 && message.headers?.code === 503
