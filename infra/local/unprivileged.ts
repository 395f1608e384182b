import { readFileSync } from 'node:fs'
import { chown } from 'node:fs/promises'
import { runToEnd } from './command.ts'

/** A command line for somebody who is not root, and who that is. */
export type Unprivileged = {
  command: string
  args: string[]
  /** For `spawn`; nothing where the command line takes care of it, or where nobody here is root. */
  as: { uid?: number; gid?: number }
}

type User = { uid: number; gid: number }

/**
 * PostgreSQL refuses to run as root: as root this makes of its command line one for a user that every system has.
 * That one may still go through folders that only root may, as a home or a temporary one: where "setpriv" can give
 * it that right.
 */
export async function unprivileged(command: string, args: string[]): Promise<Unprivileged> {
  const user = somebody()
  if (!user) return { command, args, as: {} }
  const before = [
    ...[`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'],
    ...['--inh-caps=+dac_override', '--ambient-caps=+dac_override', '--securebits=+no_setuid_fixup', '--'],
  ]
  possible ??= runToEnd('setpriv', [...before, 'true']).then(({ ok }) => ok)
  if (await possible) return { command: 'setpriv', args: [...before, command, ...args], as: {} }
  return { command, args, as: user }
}

/** Gives a folder to the one that `unprivileged` runs things as. */
export async function giveAway(folder: string): Promise<void> {
  const user = somebody()
  if (user) await chown(folder, user.uid, user.gid)
}

let possible: Promise<boolean> | undefined

function somebody(): User | undefined {
  if (process.getuid?.() !== 0) return undefined
  const found = /^nobody:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8'))
  if (!found)
    throw new Error('Cannot run PostgreSQL as root, and /etc/passwd has no user "nobody" to run it as')
  return { uid: Number(found[1]), gid: Number(found[2]) }
}
