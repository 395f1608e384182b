import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { type Endpoints, readEndpoints } from '../../../infra/local/endpoints.ts'
import { whyNoKubernetes } from '../../kubernetes.ts'

const program = fileURLToPath(new URL('stack/run-fake-stack.ts', import.meta.url))
const started: ChildProcess[] = []
const folders: string[] = []

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
  for (const dir of folders.splice(0)) rmSync(dir, { recursive: true, force: true })
})

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'ops-events-'))
  folders.push(dir)
  return dir
}

function start(dir: string, extra: string[] = [], env = {}) {
  const child = spawn(process.execPath, [program, dir, ...extra], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  started.push(child)
  let output = ''
  child.stdout.on('data', chunk => {
    output += chunk
  })
  child.stderr.on('data', chunk => {
    output += chunk
  })
  const ended = new Promise<number | null>(resolve => child.once('close', resolve))
  return { child, ended, output: () => output }
}

const running = (dir: string): Promise<Endpoints> => eventually(() => readEndpoints(dir))

/** Asks until there is an answer; the test's own limit ends it. */
async function eventually<T>(ask: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

/** Does the process run? One that has ended but that nobody has waited for does not. */
function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  const stat = `/proc/${pid}/stat`
  return !existsSync(stat) || !/\) [ZX]/.test(readFileSync(stat, 'utf8'))
}

const anyLives = (pids: Record<string, number>) => Object.values(pids).some(lives)

test('everything comes up, what dies is started again, and SIGTERM leaves nothing running', async () => {
  const dir = folder()
  const { child, ended, output } = start(dir, ['deaf'])
  const first = await running(dir)
  expect(Object.keys(first.processes).sort()).toEqual([
    'deaf',
    'nats-server',
    'polite',
    'postgres',
    'redis-server',
  ])
  expect(await (await fetch(`${first.ingest}/environment`)).json()).toMatchObject({
    EVENT_ENDPOINT: first.nats,
    REDIS_URL: first.redis,
    SERVER_TOKEN: first.token,
    EVENT_CLUSTER: 'local',
  })
  await eventually(() => /polite +\| info {2}listening port=\d+/.test(output()))

  for (const name of ['polite', 'nats-server', 'redis-server', 'postgres'])
    process.kill(first.processes[name] ?? 0, 'SIGKILL')
  const second = await eventually(() => {
    const now = readEndpoints(dir)
    const same = Object.keys(first.processes).filter(name => now?.processes[name] === first.processes[name])
    return same.length === 1 ? now : undefined
  })
  expect(second).toEqual({ ...first, processes: second.processes })
  await eventually(() => output().includes('polite died (SIGKILL), starting it again'))
  await eventually(async () => (await fetch(`${second.ingest}/readyz`).catch(() => undefined))?.ok)

  const began = Date.now()
  child.kill('SIGTERM')
  expect(await ended).toBe(0)
  expect(Date.now() - began).toBeLessThan(15_000)
  expect(anyLives(second.processes)).toBe(false)
  expect(existsSync(join(dir, 'endpoints.json'))).toBe(false)
})

test('a second start beside the first says what runs where; after a kill -9 the next one starts', async () => {
  const dir = folder()
  const first = start(dir)
  const endpoints = await running(dir)

  const second = start(dir)
  expect(await second.ended).toBe(0)
  expect(second.output()).toContain(`Already running, as process ${first.child.pid}`)
  expect(second.output()).toContain(endpoints.ingest)
  expect(readEndpoints(dir)).toEqual(endpoints)

  first.child.kill('SIGKILL')
  await first.ended
  await eventually(() => !anyLives(endpoints.processes))

  const third = start(dir)
  const again = await eventually(() => {
    const now = readEndpoints(dir)
    return now?.nats === endpoints.nats ? undefined : now
  })
  expect(again.token).toBe(endpoints.token)
  third.child.kill('SIGTERM')
  expect(await third.ended).toBe(0)
  expect(anyLives(again.processes)).toBe(false)
})

const whyNot = whyNoKubernetes({ controllers: true })
if (whyNot) console.error(`The test of a start with a cluster is left out: ${whyNot}`)

const hook = (name: string, spec: object) =>
  JSON.stringify({
    apiVersion: 'crd.chenshaowen.com/v1',
    kind: 'EventHooks',
    metadata: { name, namespace: 'shop' },
    spec: { type: 'webhook', subject: 'ops.>', url: 'http://127.0.0.1:8099/', ...spec },
  })

test.skipIf(whyNot)(
  'with a cluster, nodes are there and the objects of the folder that can be',
  {
    timeout: 240_000,
  },
  async () => {
    const [dir, resources] = [folder(), folder()]
    writeFileSync(join(resources, 'bad.yaml'), hook('bad', { type: 'webhok' }))
    writeFileSync(join(resources, 'good.yaml'), hook('good', {}))
    writeFileSync(join(resources, 'none.yaml'), 'just: text')
    const env = { RESOURCES_DIR: resources, KUBECONFIG: '/of/the/user' }
    const { child, ended, output } = start(dir, ['cluster'], env)
    const first = await running(dir)
    const { kubectl = '', kubeconfig = '' } = first
    const get = (...args: string[]) =>
      execFileSync(kubectl, ['--kubeconfig', kubeconfig, 'get', '-o', 'name', ...args], { encoding: 'utf8' })

    expect(get('nodes')).toContain('node/node-1\n')
    expect(get('deployments')).toContain('deployment.apps/crashing\n')
    expect(get('eventhooks', '-A')).toBe('eventhooks.crd.chenshaowen.com/good\n')
    expect(output()).toMatch(
      /Not applied to the cluster: .*bad.* is refused, bad\.yaml:1: spec\.type: .*webhok/,
    )
    expect(output()).toMatch(
      /Not applied to the cluster: .* is refused, none\.yaml:1: apiVersion: it is missing/,
    )
    await eventually(() => output().includes(`--kubeconfig ${kubeconfig} get events -A -w`))
    const given: unknown = await (await fetch(`${first.ingest}/environment`)).json()
    expect(given).toMatchObject({ GIVEN_KUBECONFIG: kubeconfig })
    expect(given).not.toHaveProperty('KUBECONFIG')
    expect(given).not.toHaveProperty('RESOURCES_DIR')

    const { 'kube-apiserver': server = 0 } = first.processes
    process.kill(server, 'SIGKILL')
    const second = await eventually(() => {
      const now = readEndpoints(dir)
      return now?.processes['kube-apiserver'] === server ? undefined : now
    })
    expect(get('nodes')).toContain('node/node-1\n')

    const began = Date.now()
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
    expect(Date.now() - began).toBeLessThan(15_000)
    expect(anyLives(second.processes)).toBe(false)
  },
)
