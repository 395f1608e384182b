import { type FSWatcher, watch } from 'node:fs'
import { type Log, messageOf } from '../../shared/log.ts'
import type { SourceFile } from './documents.ts'
import { readSource, stampsBelow } from './files.ts'

/** How long a file has to stand still before it counts: what is being written is not read in the middle. */
const settle = 100
/** After so many looks it starts with what there is, whatever is still being written. */
const patience = 20

/**
 * Calls back with all files of a folder, in order of their paths, once at the start and at every change, within a
 * second: looks every `every` ms, and at once when the system says that something moved. While the folder cannot be
 * read nobody is called back, and it is said once.
 */
export function watchFolder(
  dir: string,
  changed: (files: SourceFile[]) => void,
  { log, every = 500 }: { log: Log; every?: number },
): { stop(): void } {
  const known = new Map<string, { stamp: string; file: SourceFile }>()
  let seen = new Map<string, string>()
  let looks = 0
  let started = false
  let gone = false
  let hinted = false
  let timer = setTimeout(turn, 0)
  const hints = hintsOf(dir, () => {
    if (!hinted) next(settle / 2)
    hinted = true
  })

  function next(wait: number) {
    clearTimeout(timer)
    timer = setTimeout(turn, wait)
  }

  function turn() {
    hinted = false
    const looked = look()
    next(looked.moving ? settle : every)
    if (looked.files) changed(looked.files)
  }

  function look(): { moving: boolean; files?: SourceFile[] } {
    try {
      const stamps = stampsBelow(dir)
      if (gone) log.info({ dir }, 'The folder of hooks is back')
      gone = false
      return takeIn(stamps)
    } catch (error) {
      if (!gone) log.error({ dir, err: messageOf(error) }, 'Cannot read the folder: its hooks stay in force')
      gone = true
      return { moving: false }
    }
  }

  /** Takes in what is other than known and as it was at the last look: a renamed file is never missing in between. */
  function takeIn(stamps: Map<string, string>): { moving: boolean; files?: SourceFile[] } {
    const others = [...new Set([...known.keys(), ...stamps.keys()])].filter(
      path => known.get(path)?.stamp !== stamps.get(path),
    )
    const still = others.filter(path => seen.get(path) === stamps.get(path))
    seen = stamps
    for (const path of still) {
      const stamp = stamps.get(path)
      if (stamp === undefined) known.delete(path)
      else known.set(path, { stamp, file: readSource(dir, path) })
    }
    const moving = still.length < others.length
    const starts = !started && (!moving || ++looks > patience)
    if (!starts && !(started && still.length > 0)) return { moving }
    started = true
    return { moving, files: [...known].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { file }]) => file) }
  }

  return {
    stop() {
      clearTimeout(timer)
      hints?.close()
    },
  }
}

// Only a hint, and of the top folder alone: what it misses, such as the folder being made anew, the next look sees.
function hintsOf(dir: string, moved: () => void): FSWatcher | undefined {
  try {
    return watch(dir, moved).on('error', () => {})
  } catch {
    return undefined
  }
}
