import { type BigIntStats, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../shared/log.ts'
import type { SourceFile } from './documents.ts'

// Synchronous throughout: asking after a thousand files takes 5 ms so, and ten times the CPU by way of promises.

const manifest = /\.(ya?ml|json)$/i
const mostBytes = 32 * 1024 * 1024

/** Is there a folder at this path? */
export const isFolder = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false

/**
 * The paths of all YAML and JSON files below a folder, from its top, each with a stamp that is another one when the
 * file is. Leaves out names with a dot in front; follows links, as mounted ConfigMaps need it.
 * @throws Error when the folder or one in it cannot be read
 */
export function stampsBelow(top: string): Map<string, string> {
  const stamps = new Map<string, string>()
  const visited = new Set<string>()
  const visit = (folder: string) => {
    const real = realpathSync(join(top, folder))
    if (visited.has(real)) return
    visited.add(real)
    for (const name of readdirSync(real)) {
      if (name.startsWith('.')) continue
      const path = join(folder, name)
      // Nothing there: deleted in this moment, or a link to nowhere.
      const found = statSync(join(top, path), { bigint: true, throwIfNoEntry: false })
      if (found?.isDirectory()) visit(path)
      else if (found?.isFile() && manifest.test(name)) stamps.set(path, stampOf(found))
    }
  }
  visit('')
  return stamps
}

// Whoever keeps the size and sets the time back still moves the time of the change, or makes another file.
const stampOf = ({ ino, size, mtimeNs, ctimeNs }: BigIntStats) => `${ino} ${size} ${mtimeNs} ${ctimeNs}`

/** Reads one file; what keeps it from being read is part of the answer. */
export function readSource(top: string, path: string): SourceFile {
  try {
    const bytes = readFileSync(join(top, path))
    if (bytes.length > mostBytes)
      return { path, problem: `it has ${bytes.length} bytes, at most ${mostBytes} are read` }
    return { path, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch (error) {
    const noText = error instanceof TypeError
    return { path, problem: noText ? 'it is not UTF-8' : `it cannot be read: ${messageOf(error)}` }
  }
}
