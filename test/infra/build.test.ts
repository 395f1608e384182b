import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Bundle, buildAll, processNames } from '../../infra/build.ts'
import { startChild } from '../../infra/local/child.ts'
import { ownNats, ownRedis } from '../servers.ts'

const names = processNames()
const dir = mkdtempSync(join(tmpdir(), 'ops-events-build-'))
const alone = (name: string) => join(dir, 'alone', name, 'index.js')
let bundles: Bundle[] = []

beforeAll(async () => {
  bundles = await buildAll(join(dir, 'dist'))
  for (const { name, folder } of bundles) cpSync(folder, join(dir, 'alone', name), { recursive: true })
}, 60_000)
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** Runs a bundle that has nothing beside it, in a folder of its own, with this environment and no other variable. */
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

  it('makes one file of each process, and beside it what starts it, a source map and the notices of others', () => {
    const needed = ['index.js', 'package.json', 'program.js', 'program.js.map']
    for (const name of names) {
      const made = readdirSync(join(dir, 'dist', name))
      expect(made.filter(file => file !== 'program.js.LEGAL.txt').sort()).toEqual(needed)
    }
  })

  it('says of each what npm and others want to know, and that it depends on nothing', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
    for (const name of names) {
      const said = JSON.parse(readFileSync(join(dir, 'dist', name, 'package.json'), 'utf8'))
      const expected = { name, version, type: 'module', engines: { node: '>=24' } }
      expect(said).toMatchObject({ ...expected, scripts: { start: 'node index.js' } })
      expect(said).not.toHaveProperty('dependencies')
    }
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
