import { existsSync, readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { lean } from './lean.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** A process as one file, which starts by plain `node` with nothing beside it. */
export type Bundle = { name: string; file: string; bytes: number }

/** The names of all processes: each folder of functions/ with a door. */
export const processNames = (): string[] =>
  readdirSync(join(root, 'functions'))
    .filter(name => existsSync(join(root, 'functions', name, 'index.ts')))
    .sort()

/** Writes `{dist}/{name}/index.js` for each process, with its source map beside it. */
export async function buildAll(dist: string): Promise<Bundle[]> {
  return Promise.all(processNames().map(name => bundle(name, dist)))
}

// An older Node would fail in the middle of a minified line, or start and never listen: it knows no import.meta.main.
const nodeCheck =
  `if(parseInt(process.versions.node)<24){` +
  `console.error('Node 24 or newer is needed, this is '+process.version);process.exit(1)}`

// Packages in CommonJS call require() for modules of Node, and an ES module has none.
const banner = `import{createRequire as bundleRequire}from'node:module';${nodeCheck}const require=bundleRequire(import.meta.url);`

async function bundle(name: string, dist: string): Promise<Bundle> {
  const folder = join(dist, name)
  // What an earlier build left there would be taken for a part of this one.
  await rm(folder, { recursive: true, force: true })
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [join('functions', name, 'index.ts')],
    outdir: folder,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minify: true,
    sourcemap: 'external',
    legalComments: 'external',
    banner: { js: banner },
    plugins: [lean],
    logLevel: 'warning',
    metafile: true,
  })
  const bytes = Object.entries(metafile.outputs).find(([path]) => path.endsWith('.js'))?.[1].bytes ?? 0
  return { name, file: join(folder, 'index.js'), bytes }
}

if (import.meta.main) {
  for (const { name, bytes } of await buildAll(join(root, 'dist')))
    console.log(`dist/${name}/index.js  ${Math.ceil(bytes / 1024)} KiB`)
}
