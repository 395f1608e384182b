import { spawn } from 'node:child_process'
import { Socket } from 'node:net'
import type { Mark } from '../steps/mark.ts'

// Reads the process group that runs at the moment, or nothing, until the pipe from here closes, which it does however
// we die. Then the group dies, all that has the mark, and the folder goes.
const watchdog = `while read -r line; do group=$line; done
[ "$group" = done ] && exit
[ -n "$group" ] && kill -9 "-$group"
for turn in 1 2 3; do
  for found in $(grep -lsz "^$1\\$" /proc/[0-9]*/environ); do
    pid=\${found%/environ}
    kill -9 "\${pid#/proc/}"
  done
done
rm -rf "$2"`

/** Holds the processes of a run: they die with this process, even by kill -9. */
export type Leash = {
  /** Resolves when this group is held too. */
  hold(group: number): Promise<void>
  /** The group has ended. */
  free(): void
  /** The run is over. */
  done(): void
}

/** A watchdog for one run, in a session of its own, so that Ctrl-C does not reach it. @throws Error where it cannot be started */
export async function openLeash({ name, value }: Mark, folder: string, path: string): Promise<Leash> {
  const dog = spawn('/bin/sh', ['-c', watchdog, 'sh', `${name}=${value}`, folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { PATH: path },
  })
  await new Promise((resolve, reject) => dog.once('spawn', resolve).once('error', reject))
  const { stdin } = dog
  // It was killed: then nothing is held any more.
  stdin.on('error', () => {})
  // Neither it nor its pipe keeps this process running.
  dog.unref()
  if (stdin instanceof Socket) stdin.unref()
  return {
    hold: group => new Promise(resolve => stdin.write(`${group}\n`, () => resolve())),
    free: () => void stdin.write('\n'),
    done: () => void stdin.end('done\n'),
  }
}
