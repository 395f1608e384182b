import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { lean } from './lean.ts'
import { asComment, foot, head } from './one-file.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** A process in a folder that needs nothing beside it: `file` starts it by plain `node`. */
export type Bundle = { name: string; folder: string; file: string; bytes: number; sources: string[] }

/** The names of all processes: each folder of functions/ with a door. */
export const processNames = (): string[] =>
  readdirSync(join(root, 'functions'))
    .filter(name => existsSync(join(root, 'functions', name, 'index.ts')))
    .sort()

/**
 * Writes for each process a folder `{dist}/{name}` with all that it is as one file `index.js`, which starts by itself
 * wherever it is put. Beside it lie its source map, the notices of others, and a `package.json` without dependencies.
 */
export async function buildAll(dist: string): Promise<Bundle[]> {
  return Promise.all(processNames().map(name => bundle(name, dist)))
}

async function bundle(name: string, dist: string): Promise<Bundle> {
  const folder = join(dist, name)
  // What an earlier build left there would be taken for a part of this one.
  await rm(folder, { recursive: true, force: true })
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: { index: join('functions', name, 'index.ts') },
    outdir: folder,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minify: true,
    sourcemap: 'external',
    legalComments: 'external',
    // Nothing of it is imported or exported, so that it can be a function, and what V8 compiled of that be kept.
    banner: { js: head },
    footer: { js: foot.trimEnd() },
    // The second is how undici is told to leave out a parser that it only tries.
    define: { 'import.meta.main': 'true', esbuildDetection: 'true' },
    plugins: [lean],
    logLevel: 'warning',
    metafile: true,
    write: false,
  })
  const file = join(folder, 'index.js')
  await mkdir(folder, { recursive: true })
  for (const { path, text } of outputFiles) await writeFile(path, path === file ? asComment(text) : text)
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifestOf(name), null, 2)}\n`)
  const bytes = outputFiles.find(({ path }) => path === file)?.contents.byteLength ?? 0
  return { name, folder, file, bytes, sources: Object.keys(metafile.inputs) }
}

const manifestOf = (name: string) => ({
  name,
  version: JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version,
  private: true,
  type: 'commonjs',
  engines: { node: '>=24' },
  scripts: { start: 'node index.js' },
})

if (import.meta.main) {
  for (const { name, bytes } of await buildAll(join(root, 'dist')))
    console.log(`dist/${name}/index.js  ${Math.ceil(bytes / 1024)} KiB`)
}
