import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Bundle, buildAll, processNames } from '../../infra/build.ts'
import { startChild } from '../../infra/local/child.ts'
import { ownNats, ownRedis } from '../servers.ts'

const names = processNames()
const dir = mkdtempSync(join(tmpdir(), 'ops-events-build-'))
const alone = (name: string) => join(dir, 'all alone', name, 'index.js')
let bundles: Bundle[] = []

beforeAll(async () => {
  bundles = await buildAll(join(dir, 'dist'))
  for (const { name, file } of bundles) cpSync(file, alone(name))
}, 60_000)
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** Runs a bundle's one file with nothing beside it, from a path with a space in it and in another folder, with this environment and no other variable. */
function run(name: string, env: NodeJS.ProcessEnv, line?: (text: string) => void, options: string[] = []) {
  const cwd = mkdtempSync(join(dir, 'empty-'))
  return startChild(process.execPath, [...options, alone(name)], { cwd, env, ...(line && { line }) })
}

/** The variables that a bundle says it cannot do without; of alternatives the first. */
async function missing(name: string): Promise<string[]> {
  const child = await run(name, {})
  expect(await child.exited).toBe('code 1')
  const [head, ...lines] = child.tail().split('\n')
  expect(head).toBe('Cannot start, the environment lacks what is needed:')
  return lines.map(
    text => /^ {2}([A-Z_]+)( or [A-Z_]+)*: (it is missing|one of them is needed)$/.exec(text)?.[1] ?? text,
  )
}

describe('npm run build', async () => {
  const bus = await ownNats()
  const cache = await ownRedis()
  const values: Record<string, string> = {
    EVENT_CLUSTER: 'c1',
    EVENT_ENDPOINT: bus.url,
    REDIS_URL: cache.url,
    BRIDGE_TOKEN: 'a token for the test',
    SERVER_TOKEN: 'a token for the test',
    HOOK_SEAL_KEY: Buffer.alloc(32).toString('base64'),
    RESOURCES_DIR: dir,
    INGEST_URL: 'http://127.0.0.1:1',
    // Asked with the first events only.
    DATABASE_URL: 'postgres://ops@127.0.0.1:1/ops',
  }

  it('makes one file of each process, and beside it a source map, the notices of others and what npm asks for', () => {
    const needed = ['index.js', 'index.js.map', 'package.json']
    for (const name of names) {
      const made = readdirSync(join(dir, 'dist', name))
      expect(made.filter(file => file !== 'index.js.LEGAL.txt').sort()).toEqual(needed)
    }
  })

  it('says of each what npm and others want to know, and that it depends on nothing', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
    for (const name of names) {
      const said = JSON.parse(readFileSync(join(dir, 'dist', name, 'package.json'), 'utf8'))
      const expected = { name, version, type: 'commonjs', engines: { node: '>=24' } }
      expect(said).toMatchObject({ ...expected, scripts: { start: 'node index.js' } })
      expect(said).not.toHaveProperty('dependencies')
    }
  })

  it('knows where in the sources each line of a stack is', async () => {
    const shown = `const { exit } = process
      process.exit = code => exit(code, process.stderr.write(new Error().stack.split('\\n')[2]))`
    const child = await run('hook-evaluate', {}, undefined, [
      '--import',
      `data:text/javascript,${encodeURIComponent(shown)}`,
    ])
    await child.exited
    const [, line, column] = /all alone\/hook-evaluate\/index\.js:(\d+):(\d+)/.exec(child.tail()) ?? []
    const map = JSON.parse(readFileSync(join(dir, 'dist', 'hook-evaluate', 'index.js.map'), 'utf8'))
    const found = new SourceMap(map).findEntry(Number(line) - 1, Number(column) - 1)
    if (!('originalLine' in found)) throw new Error(`Nothing is at ${line}:${column}`)
    expect(found.originalSource).toMatch(/\/shared\/config\.ts$/)
    expect(readFileSync('shared/config.ts', 'utf8').split('\n')[found.originalLine]).toContain(
      'process.exit(',
    )
  })

  it.each(['commonjs', 'module'])('starts below a package.json of the type %s as well', async type => {
    const folder = mkdtempSync(join(dir, `${type}-`))
    cpSync(alone('bridge'), join(folder, 'index.js'))
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ type }))
    const child = await startChild(process.execPath, [join(folder, 'index.js')], { cwd: dir, env: {} })
    expect(await child.exited).toBe('code 1')
    expect(child.tail()).toMatch(/^Cannot start, the environment lacks what is needed:/)
  })

  it('leaves what speaks to a cluster to those that can have one', () => {
    const withCluster = bundles
      .filter(({ sources }) => sources.includes('shared/adapters/kubernetes.ts'))
      .map(({ name }) => name)
    expect(withCluster).toEqual(['cron-taskrun', 'ops-api', 'watcher'])
    expect(bundles.flatMap(({ sources }) => sources).filter(file => /client-node|pino/.test(file))).toEqual(
      [],
    )
  })

  it.each(names)('%s alone says what it lacks, and with that it lives and is ready', async name => {
    const env = Object.fromEntries((await missing(name)).map(variable => [variable, values[variable] ?? '']))
    const lines: string[] = []
    const child = await run(name, { ...env, PORT: '0' }, text => lines.push(text))
    const port = await vi.waitFor(() => {
      const listening = lines.find(text => text.includes('"msg":"Listening"'))
      if (!listening) throw new Error(`It does not listen: ${lines.join('\n')}`)
      return JSON.parse(listening).port
    }, 60_000)
    const status = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status
    expect(await status('/healthz')).toBe(200)
    await vi.waitFor(async () => expect(await status('/readyz')).toBe(200), 60_000)
    await child.stop(30_000)
    expect(await child.exited).toBe('code 0')
    // Nothing but its own log: no warning of Node's about the file.
    expect(lines.filter(text => !text.startsWith('{'))).toEqual([])
  })

  it.each(names)('%s says in one line that an older Node cannot run it', async name => {
    const older = `for (const [name, value] of [['version', 'v20.20.2'], ['versions', { node: '20.20.2' }]])
      Object.defineProperty(process, name, { value })`
    const child = await run(name, {}, undefined, [
      '--import',
      `data:text/javascript,${encodeURIComponent(older)}`,
    ])
    expect(await child.exited).toBe('code 1')
    expect(child.tail()).toBe('Node 24 or newer is needed, this is v20.20.2')
  })
})
