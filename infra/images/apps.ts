import { rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { buildAll } from '../build.ts'
import { sbomOf } from './sbom.ts'

/**
 * Writes `{folder}/{process}/`: all that an image has in /app save its compile cache: the bundle, the notices of what is
 * in it, and its bill of materials. A source map is of no use there, and three times as large.
 */
export async function writeApps(folder: string): Promise<void> {
  for (const { name, folder: app } of await buildAll(resolve(folder))) {
    const map = join(app, 'index.js.map')
    const bill = JSON.stringify(await sbomOf(name, map), null, 1)
    await writeFile(join(app, 'sbom.cdx.json'), `${bill}\n`)
    await rm(map)
  }
}

if (import.meta.main) {
  const [folder] = process.argv.slice(2)
  if (!folder) throw new Error('Say where to: node infra/images/apps.ts <folder>')
  await writeApps(folder)
}
