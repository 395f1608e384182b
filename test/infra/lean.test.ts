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

  it('lets zod speak English only', async () => {
    const { files } = await bundleOf(`import { z } from 'zod'; z.string().parse(1)`)
    expect(files.filter(file => /zod\/v4\/locales\/(?!en\.js|index\.js)/.test(file))).toEqual([])
    expect(files.some(file => file.endsWith('zod/v4/locales/en.js'))).toBe(true)
  })
})
