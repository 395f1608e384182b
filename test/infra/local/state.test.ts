import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readEndpoints, removeEndpoints, writeEndpoints } from '../../../infra/local/endpoints.ts'
import { localSettings } from '../../../infra/local/local.ts'
import { takeLock, waitForLock } from '../../../infra/local/lock.ts'
import { choosePorts, freePorts } from '../../../infra/local/ports.ts'

const top = mkdtempSync(join(tmpdir(), 'ops-events-'))
const folder = () => mkdtempSync(join(top, 'state-'))
afterAll(() => rmSync(top, { recursive: true }))

const endpoints = {
  nats: 'nats://127.0.0.1:4222',
  redis: 'redis://127.0.0.1:6379',
  postgres: 'postgres://ops@127.0.0.1:5432/ops',
  token: 't',
  processes: { a: 1 },
}

test('endpoints are read as they were written, only by their owner, and leave nothing beside them', () => {
  const dir = folder()
  expect(readEndpoints(dir)).toBeUndefined()
  writeEndpoints(dir, endpoints)
  expect(readEndpoints(dir)).toEqual(endpoints)
  expect(readdirSync(dir)).toEqual(['endpoints.json'])
  expect(statSync(join(dir, 'endpoints.json')).mode & 0o777).toBe(0o600)
  removeEndpoints(dir)
  expect(readEndpoints(dir)).toBeUndefined()
})

test('secrets stay the same from start to start, and the environment goes before them', () => {
  const dir = folder()
  const at = { nats: '', redis: '', url: () => '' }
  const first = localSettings({ root: '/', dir, cwd: '/home', env: {} }, at)
  const second = localSettings({ root: '/', dir, cwd: '/home', env: { SERVER_TOKEN: 'mine' } }, at)
  expect(first.token).toMatch(/^[\w-]{43}$/)
  expect(Buffer.from(first.sealKey, 'base64')).toHaveLength(32)
  expect(second).toMatchObject({ token: 'mine', sealKey: first.sealKey, bridgeToken: first.bridgeToken })
  expect(statSync(join(dir, 'token')).mode & 0o777).toBe(0o600)
})

test('a folder of resources is looked for from where the user is', () => {
  const settings = { root: '/repo', dir: folder(), cwd: '/home', env: { RESOURCES_DIR: 'hooks' } }
  const at = { nats: '', redis: '', url: () => '' }
  expect(localSettings(settings, at).resourcesDir).toBe('/home/hooks')
  expect(localSettings({ ...settings, env: {} }, at).resourcesDir).toBe('/repo/infra/examples')
})

test('the lock is taken over from a process that is gone or is another program by now', async () => {
  const dir = folder()
  for (const stale of ['999999999', String(process.ppid), 'rubbish']) {
    writeFileSync(join(dir, 'lock'), stale)
    const lock = await takeLock(dir, 'no-program-has-this-name')
    expect(lock).toHaveProperty('release')
  }
  expect(readdirSync(dir)).toEqual(['lock'])
})

test('the lock of a live process of the same program is respected', async () => {
  const dir = folder()
  writeFileSync(join(dir, 'lock'), String(process.ppid))
  expect(await takeLock(dir, basename(process.execPath))).toEqual({ held: process.ppid })
})

test('who waits for a lock gets it when its holder lets go, and is told once whose it is', async () => {
  const lock = join(folder(), 'lock')
  writeFileSync(lock, String(process.ppid))
  const told: number[] = []
  const mine = await waitForLock(dirname(lock), held => {
    told.push(held)
    rmSync(lock)
  })
  expect(readFileSync(lock, 'utf8')).toBe(String(process.pid))
  mine.release()
  expect(told).toEqual([process.ppid])
})

test('a process whose port is taken gets the next one, and the user is told', async () => {
  const server = createServer().listen(0)
  await new Promise(resolve => server.once('listening', resolve))
  const address = server.address()
  const taken = address && typeof address === 'object' ? address.port : 0
  const said: string[] = []
  const table = [
    { name: 'a', door: 'a.ts', port: { env: 'A_PORT', otherwise: taken, whenTaken: 'Do this' } },
    { name: 'b', door: 'b.ts' },
    { name: 'c', door: 'c.ts' },
  ]
  const ports = await choosePorts(table, {}, line => said.push(line))
  server.close()
  expect(ports.a).toBeGreaterThan(taken)
  expect(new Set(Object.values(ports)).size).toBe(3)
  expect(said).toEqual([`Port ${taken} is taken, a gets ${ports.a}. Do this`])
  await expect(choosePorts(table, { A_PORT: 'x' }, () => {})).rejects.toThrow('A_PORT is "x"')
})

test('who moves a process away from where the example hooks point is told, unless the hooks are others', async () => {
  const [usual = 0, other = 0] = await freePorts(2)
  const port = { env: 'A_PORT', otherwise: usual, whenTaken: 'Do this', elsewhere: 'the hooks point there' }
  const table = [{ name: 'a', door: 'a.ts', port }]
  const said = async (env: NodeJS.ProcessEnv) => {
    const lines: string[] = []
    await choosePorts(table, env, line => lines.push(line))
    return lines
  }
  expect(await said({ A_PORT: String(other) })).toEqual([`a is at ${other}, but the hooks point there`])
  expect(await said({ A_PORT: String(other), RESOURCES_DIR: '/mine' })).toEqual([])
  expect(await said({ A_PORT: String(usual) })).toEqual([])
  expect(await said({})).toEqual([])
})
