import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Mark } from '../steps/mark.ts'
import type { RunScript } from '../steps/walk.ts'
import { openLeash } from './leash.ts'
import { whyNotThere } from './lookup.ts'
import { openPipe } from './pipe.ts'
import { runProcess } from './process.ts'

const usualPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Where the steps of a run are run: a folder of its own, and a leash. */
export type Room = { run: RunScript; close(): Promise<void> }

/**
 * Makes a folder that only we may read, and in it one where steps are and write.
 * @throws Error where it cannot be made
 */
export async function openRoom({ mark, env }: { mark: Mark; env: Record<string, string> }): Promise<Room> {
  const path = env.PATH ?? usualPath
  const folder = mkdtempSync(join(tmpdir(), 'ops-run-'))
  // Whatever steps write, it does not meet what is ours.
  const inside = join(folder, 'work')
  mkdirSync(inside)
  const leash = await openLeash(mark, folder, path)

  const run: RunScript = async ({ interpreter, text, env: ofStep }, watched) => {
    const all = { PATH: path, ...env, TMPDIR: inside, ...ofStep, [mark.name]: mark.value }
    const missing = whyNotThere(interpreter[0] ?? 'sh', all.PATH)
    if (missing) return { problem: missing }
    const nul = Object.entries(all).find(([, value]) => value.includes('\0'))
    if (nul) return { problem: `variable "${nul[0]}" has a NUL in it, which no environment takes` }
    const script = join(folder, 'script')
    writeFileSync(script, text, { mode: 0o600 })
    const pipe = await openPipe(folder, path)
    return runProcess(
      { args: [...interpreter, script], env: all, folder: inside, mark },
      { ...watched, leash, pipe },
    )
  }

  return {
    run: (script, watched) =>
      run(script, watched).catch(error => ({
        problem: error instanceof Error ? error.message : String(error),
      })),
    async close() {
      leash.done()
      // What a step has locked away from us stays; the run has ended all the same.
      await rm(folder, { recursive: true, force: true }).catch(() => {})
    },
  }
}
