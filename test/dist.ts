import { existsSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { inject } from 'vitest'
import { buildAll } from '../infra/build.ts'
import { waitForLock } from '../infra/local/lock.ts'

/**
 * The folder of the bundles of all processes, `{dist}/{process}/index.js`, which all test files share: who asks first in
 * a run builds them, and who asks meanwhile waits. Nobody writes there.
 */
export async function sharedDist(): Promise<string> {
  const dist = inject('dist')
  const lock = await waitForLock(dirname(dist), () => {})
  try {
    // Whole or not there: after one that was killed or failed the next one tries, and learns why.
    if (!existsSync(dist)) {
      await buildAll(`${dist}.half`)
      await rename(`${dist}.half`, dist)
    }
    return dist
  } finally {
    lock.release()
  }
}
