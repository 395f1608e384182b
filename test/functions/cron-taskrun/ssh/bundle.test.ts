import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, describe, expect, it } from 'vitest'
import { lean } from '../../../../infra/lean.ts'
import { runToEnd } from '../../../../infra/local/command.ts'
import { ownSshd } from '../../../sshd.ts'

const sshd = await ownSshd()
const dir = await mkdtemp(join(tmpdir(), 'ops-events-bundle-'))
afterAll(() => rm(dir, { recursive: true, force: true }))

describe('ssh2 in a bundle', () => {
  it('starts with nothing beside it, and lets us into a host', async () => {
    const file = join(dir, 'entry.ts')
    const connect = fileURLToPath(
      new URL('../../../../functions/cron-taskrun/ssh/connect.ts', import.meta.url),
    )
    await writeFile(
      file,
      `import { connect } from ${JSON.stringify(connect)}
      const hostKeys = { get: async () => undefined, putFirst: async (_, key) => key, forget: async () => false }
      const login = { id: 'ops/h', address: '127.0.0.1', timeoutSeconds: 10, ...JSON.parse(process.argv[2]) }
      const made = await connect(login, { hostKeys, now: () => new Date() }, new AbortController().signal)
      console.log('problem' in made ? made.problem : 'we are in')
      if ('close' in made) made.close()`,
    )
    await build({
      entryPoints: [file],
      outfile: join(dir, 'index.mjs'),
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node24',
      minify: true,
      banner: { js: `import{createRequire}from'node:module';const require=createRequire(import.meta.url);` },
      plugins: [lean],
      logLevel: 'silent',
    })
    const { port, username, key } = sshd
    const login = JSON.stringify({ port, username, privateKey: key })
    expect(await runToEnd(process.execPath, [join(dir, 'index.mjs'), login])).toEqual({
      ok: true,
      output: 'we are in\n',
    })
  })
})
