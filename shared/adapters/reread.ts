import { readFileSync, statSync } from 'node:fs'

/** Milliseconds for which a file is taken to be unchanged. */
const fresh = 1_000

/**
 * What `use` makes of a file's text, made again when the file has changed and somebody asks; `otherwise` before that. Where
 * it cannot be read, or `use` throws, `failed` is told so, and what was made of it before stays in force.
 */
export function rereading<T>(
  file: string,
  about: { otherwise: T; use(text: string): T; failed(error: unknown): void; now(): number },
): () => T {
  let made = about.otherwise
  let version = ''
  let checkedAt = Number.NEGATIVE_INFINITY

  function refresh() {
    checkedAt = about.now()
    const found = versionOf(file)
    if (found === version) return
    version = found
    try {
      made = about.use(readFileSync(file, 'utf8'))
    } catch (error) {
      about.failed(error)
    }
  }

  return () => {
    if (about.now() - checkedAt >= fresh) refresh()
    return made
  }
}

/** Another text for each state of a file, of what its path leads to: Kubernetes changes a mounted one by a link. */
function versionOf(path: string): string {
  try {
    const { dev, ino, size, mtimeNs } = statSync(path, { bigint: true })
    return `${dev}:${ino}:${size}:${mtimeNs}`
  } catch {
    // Reading it fails for the same reason, and says which.
    return 'unreadable'
  }
}
