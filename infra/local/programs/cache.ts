import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { versionOf } from './version.ts'

type Env = Record<string, string | undefined>

/** Where programs that we got ourselves are kept: outside the tree, so that a new clone finds them. */
export function cacheFolder(env: Env = process.env): string {
  return env.OPS_EVENTS_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'ops-events')
}

/**
 * Fills `folder` all at once, as `fillOnce`, where what lies there by then is as good: of two that do so at the same time
 * the first one's stays.
 */
export async function fillBeside(folder: string, fill: (beside: string) => Promise<unknown>): Promise<void> {
  await mkdir(dirname(folder), { recursive: true })
  const beside = await mkdtemp(`${folder}.part-`)
  try {
    await fill(beside)
    await rename(beside, folder).catch(() => {})
  } finally {
    await rm(beside, { recursive: true, force: true })
  }
}

/**
 * Fills `folder` all at once: `fill` works in a folder beside it, which is then renamed. Of two processes that do so
 * at the same time the first one's stays. Answers with the path of `binary` in it; what `fill` throws is passed on.
 */
export async function fillOnce(
  folder: string,
  binary: string,
  fill: (folder: string) => Promise<void>,
): Promise<string> {
  await mkdir(dirname(folder), { recursive: true })
  const beside = await mkdtemp(`${folder}.part-`)
  try {
    await fill(beside)
    await rename(beside, folder).catch(async () => {
      // Somebody was quicker, unless what lies there does not run (another machine's, say).
      if (await versionOf(join(folder, binary))) return
      await rm(folder, { recursive: true, force: true })
      await rename(beside, folder)
    })
  } finally {
    await rm(beside, { recursive: true, force: true })
  }
  return join(folder, binary)
}
