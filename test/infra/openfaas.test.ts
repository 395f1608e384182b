import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { parse } from 'yaml'
import { allTriggers, ownTriggers } from '../../functions/bridge/triggers.ts'
import { functionNames } from '../../infra/install/secrets.ts'
import { startChild } from '../../infra/local/child.ts'
import packageJson from '../../package.json' with { type: 'json' }
import { describeManifests, manifestsOf } from '../manifests.ts'
import { stackOf } from '../openfaas/stack.ts'
import { environmentOf } from '../openfaas/under.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const { functions, configuration } = stackOf()
const rows = Object.entries(functions)
const gateway = 60
const seconds = (text = '') => Number(/^(\d+)s$/.exec(text)?.[1])
const gatewayUrl = (name: string) => `http://gateway.openfaas.svc:8080/function/${name}`

// All that https://docs.openfaas.com/architecture/autoscaling names; another word is passed over in silence.
const scaling = ['min', 'max', 'type', 'target', 'target-proportion', 'zero', 'zero-duration', 'down.window']
const knownLabels = [
  ...scaling.map(word => `com.openfaas.scale.${word}`),
  ...['name', 'part-of', 'component'].map(word => `app.kubernetes.io/${word}`),
]

describe('the stack for OpenFaaS', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'ops-events-openfaas-'))
  afterAll(() => rm(dir, { recursive: true, force: true }))

  it('has every function', () => {
    expect(Object.keys(functions).sort()).toEqual(functionNames.toSorted())
  })

  it('is of this version, and of another where one is asked for', () => {
    const images = (env: Record<string, string>) =>
      Object.values(stackOf(env).functions).map(({ image }) => image)
    expect(images({})).toEqual(rows.map(([name]) => `ops-events/${name}-openfaas:${packageJson.version}`))
    expect(images({ REGISTRY: 'r.example.com/o', VERSION: '9' })[0]).toBe(
      'r.example.com/o/subject-ingest-openfaas:9',
    )
  })

  it('copies all that the Dockerfile copies', () => {
    const dockerfile = readFileSync(join(root, 'infra/images/Dockerfile'), 'utf8')
    const copied = [...dockerfile.matchAll(/^COPY (?!--)(.*) \S+$/gm)].flatMap(([, from = '']) =>
      from.split(' '),
    )
    expect([...configuration.copy].sort()).toEqual(copied.sort())
  })

  describe.each(rows)('%s', (name, of) => {
    it('is built by its name, and is labelled by it', () => {
      expect(of).toMatchObject({ handler: 'infra/images', build_args: { FUNCTION: name } })
      expect(of.labels).toMatchObject({
        'app.kubernetes.io/name': name,
        'app.kubernetes.io/part-of': 'ops-events',
      })
      expect(of.annotations['com.openfaas.serviceaccount']).toBe(name)
      expect(Object.keys(of.labels).filter(label => !knownLabels.includes(label))).toEqual([])
      expect(of.readonly_root_filesystem).toBe(true)
    })

    it('has its Secret, and the one with tokens where it takes some', () => {
      const tokens = 'SERVER_TOKENS_FILE' in of.environment ? ['ops-server-tokens'] : []
      expect(of.secrets).toEqual([name, ...tokens])
    })

    it('is cut by the gateway before the watchdog cuts it', () => {
      const { exec_timeout, read_timeout, write_timeout } = of.environment
      expect(seconds(read_timeout)).toBeGreaterThan(gateway)
      expect(seconds(exec_timeout)).toBeGreaterThan(gateway)
      expect(seconds(write_timeout)).toBeGreaterThan(seconds(exec_timeout))
    })

    it('starts with what it is given, all secrets out of files', async () => {
      const nobody = '127.0.0.1:1'
      const key = Buffer.alloc(32).toString('base64')
      const secrets = {
        ...{ EVENT_ENDPOINT: `nats://${nobody}`, REDIS_URL: `redis://${nobody}`, HOOK_SEAL_KEY: key },
        ...{ DATABASE_URL: `postgres://${nobody}/d`, BRIDGE_TOKEN: '0123456789abcdef', 'tokens.yaml': '[]' },
      }
      const env = { ...(await environmentOf(of, { dir: join(dir, name), secrets })), PORT: '0' }
      const door = join(root, 'functions', name, 'index.ts')
      const said: string[] = []
      const child = await startChild(process.execPath, [door], { env, line: text => said.push(text) })
      onTestFinished(() => child.kill())
      await expect.poll(() => said.join('\n')).toMatch(/"Listening"|Cannot start/)
      expect(said.join('\n')).toContain('"Listening"')
    })
  })

  it('is asked by a bridge that gives up before the gateway does', () => {
    const urls = ['HOOK_EVALUATE_URL', 'WEBHOOK_DELIVER_URL', 'CRON_TASKRUN_URL', 'EVENT_STORE_URL']
    const own = ownTriggers(Object.fromEntries(urls.map(name => [name, 'http://f'])))
    const given = parse(readFileSync(join(root, 'infra/openfaas/triggers.yaml'), 'utf8'))
    const triggers = allTriggers(own, given)
    expect(triggers.length).toBe(own.length)
    for (const { delivery } of triggers) expect(delivery.timeout).toBeLessThan(gateway * 1000)
  })
})

describeManifests('what is beside the functions on OpenFaaS', () => {
  it('calls the functions of the stack through the gateway, and gives rights to where they run', async () => {
    const objects = await manifestsOf('infra/openfaas')
    const text = JSON.stringify(objects.filter(({ metadata }) => metadata.name === 'ops-bridge'))
    const called = [...text.matchAll(/"(http:\/\/[^"]+)"/g)].map(([, url]) => url)
    const asked = ['cron-taskrun', 'event-store', 'hook-evaluate', 'webhook-deliver']
    expect(called.sort()).toEqual(asked.map(gatewayUrl))
    const accounts = objects.filter(
      ({ kind, metadata }) => kind === 'ServiceAccount' && metadata.name in functions,
    )
    expect(accounts.map(({ metadata }) => metadata.namespace)).toEqual(rows.map(() => 'openfaas-fn'))
    const bindings = objects.filter(
      ({ kind, metadata }) => /Binding$/.test(kind) && /cron|ops-api/.test(metadata.name),
    )
    expect(bindings.length).toBe(3)
    for (const binding of bindings) expect(binding.subjects).toMatchObject([{ namespace: 'openfaas-fn' }])
  })
})
