import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { ClientChannel } from 'ssh2'
import { messageOf } from '../../../shared/log.ts'
import type { Mark } from '../steps/mark.ts'
import type { Ended } from '../steps/told.ts'
import type { RunScript } from '../steps/walk.ts'
import type { Connection } from './connect.ts'
import { command, program } from './program.ts'
import { endOf } from './signals.ts'
import { after, wordsOf } from './words.ts'

/** From SIGTERM to SIGKILL. */
const politeness = 2_000
/** For the last of what a step printed, and for a host to do as it is told. */
const patience = 5_000
/** A step that we do not end ends there so much later, in seconds. */
const grace = 30

/** Runs scripts on a host that we are connected to. */
export function runOn({ client, lost }: Connection, { name, mark }: { name: string; mark: Mark }): RunScript {
  const open = () =>
    new Promise<{ channel: ClientChannel } | { ended: Ended }>(resolve => {
      const refused = (error: unknown) =>
        resolve({ ended: { problem: `"${name}" gives no session: ${messageOf(error)}`, lost: true } })
      try {
        client.exec(command, (error, channel) => (error ? refused(error) : resolve({ channel })))
      } catch (error) {
        // It throws where the connection is gone already.
        refused(error)
      }
    })
  // One for each step: the same machine may be two places of a run.
  const markOf = (nonce: string): Mark => ({ ...mark, value: `${mark.value}-${nonce}` })
  const gone = lost.then(
    (why): Ended => ({
      problem: `the connection to "${name}" ended: ${why}`,
      lost: true,
    }),
  )

  return async (script, watched) => {
    const nonce = `ops-${randomBytes(16).toString('hex')}`
    const cut = untilCut(watched.signal)
    const opening = open()
    const opened = await Promise.race([opening, gone.then(ended => ({ ended })), cut])
    if (opened === 'cut') {
      void opening.then(late => 'channel' in late && late.channel.destroy())
      return { problem: `"${name}" gave no session`, cut: true }
    }
    if ('ended' in opened) return opened.ended
    const { channel } = opened
    const limitSeconds = watched.limitSeconds + grace
    const said = listen(channel, { nonce, name, interpreter: script.interpreter, push: watched.push })
    channel.write(program({ ...script, mark: markOf(nonce), nonce, limitSeconds }))
    const ended = await Promise.race([said.ended, gone, cut])
    if (ended === 'cut') return { ...(await end(channel, Promise.race([said.ended, gone]))), cut: true }
    await Promise.race([said.closed, inTime(patience)])
    channel.destroy()
    return ended
  }
}

const inTime = (milliseconds: number) => pause(milliseconds, undefined, { ref: false })

const untilCut = (signal: AbortSignal) =>
  new Promise<'cut'>(resolve => {
    if (signal.aborted) resolve('cut')
    signal.addEventListener('abort', () => resolve('cut'), { once: true })
  })

type Heard = { ended: Promise<Ended>; closed: Promise<void> }

/** What the program says and prints, until the channel is closed. */
function listen(
  channel: ClientChannel,
  about: { nonce: string; name: string; interpreter: string[]; push(chunk: Buffer): void },
): Heard {
  let ready = false
  const closed = new Promise<void>(resolve => channel.once('close', () => resolve()))
  const ended = new Promise<Ended>(resolve => {
    const hear = (word: string) => {
      const [what, ...more] = word.split(' ')
      if (what === 'ready') ready = true
      if (what === 'missing') resolve({ problem: `there is no ${about.interpreter[0]} on "${about.name}"` })
      if (what === 'problem') resolve({ problem: more.join(' ') })
      if (what === 'exit') resolve(endOf(Number(more[0])))
    }
    channel.stderr.on('data', wordsOf(about.nonce, hear))
    channel.on('data', after(about.nonce, about.push))
    // It may be broken by then: the connection tells.
    channel.on('error', () => {})
    const silent = () =>
      resolve(
        ready
          ? { signal: 'SIGKILL, as was all that ran beside it' }
          : { problem: `"${about.name}" has no shell that runs scripts: /bin/sh ended before it began` },
      )
    // Behind what is still on its way.
    closed.then(() => setImmediate(silent))
  })
  return { ended, closed }
}

/** Ends what runs there, politely first; what has not ended then is left to the host's own clock. */
async function end(channel: ClientChannel, ended: Promise<Ended>): Promise<Ended> {
  channel.write('TERM\n')
  const polite = await Promise.race([ended, inTime(politeness)])
  if (!polite) channel.write('KILL\n')
  const last = polite ?? (await Promise.race([ended, inTime(patience)]))
  channel.destroy()
  return last ?? { problem: 'it was told to end, and the host did not answer' }
}
