import { statSync } from 'node:fs'

/** Another text for each state of a file, of what its path leads to: Kubernetes changes a mounted one by a link. */
export function versionOf(path: string): string {
  try {
    const { dev, ino, size, mtimeNs } = statSync(path, { bigint: true })
    return `${dev}:${ino}:${size}:${mtimeNs}`
  } catch {
    // Reading it fails for the same reason, and says which.
    return 'unreadable'
  }
}
