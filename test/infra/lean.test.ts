import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { lean } from '../../infra/lean.ts'

/** Which files a bundle of this source is made of, and its text. */
async function bundleOf(contents: string) {
  const { metafile, outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('../..', import.meta.url)) },
    bundle: true,
    format: 'esm',
    platform: 'node',
    logLevel: 'silent',
    plugins: [lean],
    metafile: true,
    write: false,
  })
  return { files: Object.keys(metafile.inputs), text: outputFiles[0]?.text ?? '' }
}

describe('a lean bundle', () => {
  it('requires node:http, since importing it would load the fetch of Node', async () => {
    const { text } = await bundleOf(`import { createServer } from 'node:http'; createServer()`)
    expect(text).toContain('require("node:http")')
    expect(text).not.toMatch(/from\s*"node:http"/)
  })

  it('reads of a module of Node what is used, and loads nothing for the rest', async () => {
    const { text } = await bundleOf(`import { inspect } from 'node:util'; inspect(1)`)
    expect(text).toContain('all.inspect')
    expect(text).not.toMatch(/parseArgs|__copyProps\(/)
  })

  it.each([
    ['tls', 'connect'],
    ['https', 'request'],
    ['http2', 'connect'],
    ['fs/promises', 'readFile'],
    ['dns/promises', 'lookup'],
  ])('loads node:%s with the first use of it', async (name, used) => {
    const { text } = await bundleOf(`import { ${used} } from 'node:${name}'; globalThis.use = () => ${used}`)
    expect(text).toMatch(
      new RegExp(`${used}: \\{ enumerable: true, get: \\(\\) => __require\\("node:${name}"\\)`),
    )
    expect(text).not.toMatch(new RegExp(`= __require\\("node:${name}"\\)`))
  })

  it('can still call node:assert, which is a function, and loads it for what is not so', async () => {
    const { text } = await bundleOf(`import assert from 'node:assert'; assert(true); assert.equal(1, 1)`)
    expect(text).toMatch(/defineProperties\(\(is, \.\.\.all\) => is \|\| __require\("node:assert"\)\(is/)
    expect(text).not.toMatch(/= __require\("node:assert"\)/)
  })

  it('asks a connection of NATS whether it is encrypted, without TLS for it', async () => {
    const { text } = await bundleOf(`import { connect } from '@nats-io/transport-node'; connect()`)
    expect(text).toMatch(/isEncrypted\(\) \{\s*return this\.socket\.encrypted === true/)
  })

  it('has nothing for clusters of Redis', async () => {
    const { files } = await bundleOf(`import { Redis } from 'ioredis'; new Redis()`)
    expect(files.filter(file => /ioredis.built.cluster.(?!index)/.test(file))).toEqual([])
  })

  it('speaks HTTP/2 with the first receiver that does', async () => {
    const { text } = await bundleOf(`import { Pool } from 'undici'; new Pool('http://127.0.0.1')`)
    expect(text).toMatch(/module\d*\.exports = \(\.\.\.all\) => require_client_h2/)
  })

  it('names the ids of NATS by node:crypto', async () => {
    const { text } = await bundleOf(`import { nuid } from '@nats-io/transport-node'; nuid.next()`)
    expect(text).toMatch(/getRandomValues: \S*require\S+\.randomFillSync/)
  })

  it('has of undici what sends requests, and no more', async () => {
    const { files } = await bundleOf(
      `import { buildConnector, Pool } from 'undici'; new Pool(buildConnector())`,
    )
    expect(files).toContain('node_modules/undici/lib/dispatcher/pool.js')
    expect(files).not.toContain('node_modules/undici/index.js')
    expect(files.filter(file => file.includes('/undici/lib/web/websocket'))).toEqual([])
  })

  it('is not made where something else of undici is asked for', async () => {
    await expect(bundleOf(`import { MockAgent } from 'undici'; new MockAgent()`)).rejects.toThrow('MockAgent')
  })

  it('has of zod what our own files use', async () => {
    const { text } = await bundleOf(`import { integer } from './shared/config.ts'; integer(1, 2)`)
    expect(text).toContain('// node_modules/zod/v4/classic/schemas.js')
    expect(text).not.toContain('// node_modules/zod/v4/classic/from-json-schema.js')
  })

  it.each([
    [`import { Redis } from 'ioredis'; new Redis()`, 'Commander.prototype'],
    [`import { z } from 'zod'; z.string()`, 'proto'],
  ])('has many methods put on a prototype that was made ready for them: %s', async (contents, prototype) => {
    const { text } = await bundleOf(contents)
    expect(text).toContain(`delete ${prototype}.gone`)
  })

  it('lets zod speak English only', async () => {
    const { files } = await bundleOf(`import { z } from 'zod'; z.string().parse(1)`)
    expect(files.filter(file => /zod\/v4\/locales\/(?!en\.js|index\.js)/.test(file))).toEqual([])
    expect(files.some(file => file.endsWith('zod/v4/locales/en.js'))).toBe(true)
  })
})
