import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { layerOf } from './layer.ts'
import { run } from './run.ts'

const warm = fileURLToPath(new URL('../warm.ts', import.meta.url))

/** The layers of one process, as files in the folder of all apps: in this order, since the second lies within the first. */
export async function layersOf(name: string, apps: string): Promise<string[]> {
  const app = join(apps, name)
  const cache = join(app, '.cache')
  // Of an image of the same process that was made before.
  await rm(cache, { recursive: true, force: true })
  const bundle = await written(`${app}.tar`, await layerOf(app, 'app'))
  // It counts where the base has this very Node, and is passed over elsewhere.
  run(process.execPath, [warm, app, cache])
  return [bundle, await written(`${app}.cache.tar`, await layerOf(cache, 'app/.cache'))]
}

/** The layer with the watchdog out of its image; `common` are crane's own options. */
export async function watchdogLayer(image: string, apps: string, common: string[]): Promise<string> {
  const folder = join(apps, 'watchdog')
  const all = join(apps, 'watchdog.all.tar')
  await mkdir(folder, { recursive: true })
  run('crane', ['export', ...common, image, all])
  run('tar', ['-xf', all, '-C', folder, 'fwatchdog'])
  await chmod(join(folder, 'fwatchdog'), 0o755)
  return written(join(apps, 'watchdog.tar'), await layerOf(folder, 'usr/bin'))
}

async function written(file: string, layer: Buffer): Promise<string> {
  await writeFile(file, layer)
  return file
}
