import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { processNames } from '../../infra/build.ts'
import { asComment, foot, head } from '../../infra/one-file.ts'
import { sharedDist } from '../dist.ts'

const dir = mkdtempSync(join(tmpdir(), 'ops-events-warm-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const script = fileURLToPath(new URL('../../infra/warm.ts', import.meta.url))
const warm = (...args: string[]) =>
  spawnSync(process.execPath, [script, ...args], { encoding: 'utf8', cwd: dir })

/** A bundle that is this program. */
function bundleOf(name: string, program: string): string {
  const folder = join(dir, name)
  mkdirSync(folder)
  writeFileSync(join(folder, 'index.js'), asComment(head + program + foot))
  return folder
}

/** Was what V8 had compiled before taken? A bundle without configuration ends at once, and says so. */
function takesWhatWasKept(folder: string, env: NodeJS.ProcessEnv = {}): boolean {
  const { stderr } = spawnSync(process.execPath, [join(folder, 'index.js')], {
    env: { NODE_DEBUG: 'start', ...env },
    encoding: 'utf8',
  })
  return stderr.startsWith('Compiled before: true')
}

describe('warm.ts', async () => {
  cpSync(await sharedDist(), join(dir, 'dist'), { recursive: true })

  it.each(processNames())('makes %s start with what was compiled before', name => {
    const folder = join(dir, 'dist', name)
    expect(takesWhatWasKept(folder)).toBe(false)
    const { stderr, status } = warm(folder)
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
    expect(takesWhatWasKept(folder)).toBe(true)
  })

  it.each([
    ['subject-ingest', 'POST /api/v1/namespaces/cache/events/pods.cache.events'],
    ['hook-evaluate', 'POST /'],
    ['webhook-deliver', 'POST /'],
    ['event-store', 'POST /'],
    ['ops-api', 'GET /api/v1/query?limit=1'],
  ])('brings %s as far as the end of its first event', (name, asked) => {
    expect(warm(join(dir, 'dist', name)).stdout).toContain(`${asked} was answered with 200`)
  })

  it('fills the folder that it is told, which NODE_COMPILE_CACHE then names', () => {
    const [folder, cache] = [join(dir, 'dist', 'event-store'), join(dir, 'elsewhere')]
    expect(warm(folder, cache).status).toBe(0)
    rmSync(join(folder, '.cache'), { recursive: true })
    expect(takesWhatWasKept(folder, { NODE_COMPILE_CACHE: cache })).toBe(true)
    expect(takesWhatWasKept(folder)).toBe(false)
  })

  it('leaves nothing that only its owner may read', () => {
    const cache = join(dir, 'elsewhere')
    for (const name of readdirSync(cache).filter(name => name.startsWith('program-')))
      chmodSync(join(cache, name), 0o444)
    expect(takesWhatWasKept(join(dir, 'dist', 'event-store'), { NODE_COMPILE_CACHE: cache })).toBe(true)
  })

  it('is refused by a Node with other options, which starts all the same', () => {
    const [folder, cache] = [join(dir, 'dist', 'event-store'), join(dir, 'elsewhere')]
    const env = { NODE_COMPILE_CACHE: cache, NODE_OPTIONS: '--stack-trace-limit=7' }
    expect(takesWhatWasKept(folder, env)).toBe(false)
  })

  it.each([
    ['ends before it listens', 'process.exit(3)', 'ended with code 3, nothing is kept'],
    ['throws', "throw new Error('No such thing')", 'ended with code 1, nothing is kept'],
    [
      'keeps nothing',
      `process.removeAllListeners('exit')
      const server = require('node:http').createServer((_, response) => response.end()).listen(0, () =>
        console.log(JSON.stringify({ port: server.address().port, msg: 'Listening' })))
      process.on('SIGTERM', () => process.exit(0))`,
      'left nothing in',
    ],
    [
      'is not well',
      `const server = require('node:http').createServer((_, response) => response.writeHead(500).end()).listen(0, () =>
        console.log(JSON.stringify({ port: server.address().port, msg: 'Listening' })))`,
      '/healthz answered 500',
    ],
  ])('fails, and says why, with a bundle that %s', (name, program, why) => {
    const { status, stderr } = warm(bundleOf(name.replaceAll(' ', '-'), program))
    expect(status).toBe(1)
    expect(stderr).toContain(why)
  })

  it('says how it is called', () => {
    expect(warm().stderr).toContain('Say which bundle: node warm.ts <bundle folder> [<cache folder>]')
  })
})
