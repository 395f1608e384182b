import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** What is said of files that are not as they should be, each by its path, and where all of them are. */
type Words = { stale(path: string): string; fresh: string }

/**
 * Writes files by their paths below infra/ where they are not there like this. With `--check` it only tells which, and
 * the process ends with 1 where there is one.
 */
export function writeOrCheck(files: Iterable<readonly [path: string, text: string]>, words: Words): void {
  const stale = [...files].filter(([path, text]) => written(path) !== text)
  if (process.argv.includes('--check')) {
    for (const [path] of stale) console.error(words.stale(path))
    process.exitCode = stale.length > 0 ? 1 : 0
    return
  }
  for (const [path, text] of stale) writeFileSync(placeOf(path), text)
  console.log(stale.length > 0 ? `Written: ${stale.map(([path]) => path).join(', ')}` : words.fresh)
}

const placeOf = (path: string) => fileURLToPath(new URL(path, import.meta.url))

function written(path: string): string | undefined {
  try {
    return readFileSync(placeOf(path), 'utf8')
  } catch {
    return undefined
  }
}
