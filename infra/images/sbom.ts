import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const Lock = z.object({
  version: z.string(),
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      license: z.string().optional(),
      integrity: z.string().optional(),
    }),
  ),
})
const SourceMap = z.object({ sources: z.array(z.string()) })

const read = async <T extends z.ZodType>(schema: T, file: string) =>
  schema.parse(JSON.parse(await readFile(file, 'utf8')))

/**
 * What one bundle is made of, as CycloneDX 1.6: the packages that its source map names, as package-lock.json has them.
 * `npm sbom` would list all dependencies of all processes. It has neither time nor serial number: twice is the same.
 */
export async function sbomOf(name: string, map: string): Promise<unknown> {
  const lock = await read(Lock, fileURLToPath(new URL('../../package-lock.json', import.meta.url)))
  const { sources } = await read(SourceMap, map)
  const paths = new Set(sources.flatMap(source => packagePath(source) ?? []))
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: { type: 'application', 'bom-ref': name, name, version: lock.version, group: 'ops-events' },
    },
    components: [...paths].sort().map(path => {
      const found = lock.packages[path]
      if (!found?.version)
        throw new Error(`${name} has "${path}" in it, which package-lock.json does not know`)
      return component(path, { ...found, version: found.version })
    }),
  }
}

// ../../node_modules/a/node_modules/@b/c/index.js -> node_modules/a/node_modules/@b/c
const packagePath = (source: string) =>
  /(node_modules\/(?:@[^/]+\/)?[^/]+(?:\/node_modules\/(?:@[^/]+\/)?[^/]+)*)\//.exec(source)?.[1]

function component(
  path: string,
  about: { version: string; license?: string | undefined; integrity?: string | undefined },
) {
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
  const purl = `pkg:npm/${name.replace('@', '%40')}@${about.version}`
  return {
    type: 'library',
    'bom-ref': path,
    name,
    version: about.version,
    purl,
    ...(about.license && { licenses: [{ expression: about.license }] }),
    ...(about.integrity && { hashes: [hash(about.integrity)] }),
  }
}

// sha512-… of the package's archive, in base64.
function hash(integrity: string) {
  const [algorithm = '', digest = ''] = integrity.split('-')
  const content = Buffer.from(digest, 'base64').toString('hex')
  return { alg: algorithm.replace('sha', 'SHA-'), content }
}
