import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kvm } from '@nats-io/kv'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { hookReader } from '../../../shared/adapters/hooks.ts'
import { openNats } from '../../../shared/adapters/nats.ts'
import { openRedis } from '../../../shared/adapters/redis.ts'
import { silenceReader } from '../../../shared/adapters/silences.ts'
import { Destination } from '../../../shared/hookset.ts'
import { sealWith } from '../../../shared/seal.ts'
import { quiet } from '../../quiet.ts'
import { natsVersions, ownNats, ownRedis } from '../../servers.ts'
import { hookYaml, key } from './folder-of.ts'
import { startWatcher, type Watcher } from './process.ts'

const canary = 'c4nary'

const silence = (name: string, spec: string) =>
  `apiVersion: crd.chenshaowen.com/v1\nkind: Silence\nmetadata: { name: ${name}, namespace: ops }\nspec: ${spec}\n`

describe.each(natsVersions)('a folder with Secrets and silences, on NATS %s', async version => {
  const bus = await ownNats(version)
  const cache = await ownRedis()
  const [dir, secrets] = ['hooks', 'secrets'].map(name => mkdtempSync(join(tmpdir(), `ops-events-${name}-`)))
  if (!dir || !secrets) throw new Error('There is no folder')
  const nats = openNats(bus.url, 'test', quiet)
  const redis = openRedis(cache.url, quiet)
  const reader = hookReader(nats, redis, quiet)
  const silences = silenceReader(nats, quiet)
  const env = {
    ...{ EVENT_ENDPOINT: bus.url, REDIS_URL: cache.url, RESOURCES_DIR: dir },
    ...{ SECRETS_DIR: secrets, SECRETS_SECONDS: '1' },
  }
  let watcher: Watcher
  const said: string[] = []

  const write = (name: string, text: string) => writeFileSync(join(dir, name), text)
  const secret = (path: string, text: string) => {
    mkdirSync(join(secrets, path, '..'), { recursive: true })
    writeFileSync(join(secrets, path), text)
  }
  const hook = async (name: string) => (await reader.current()).hooks.find(one => one.name === name)
  const opened = async (name: string) => {
    const { sealed = '', id = '' } = (await hook(name)) ?? {}
    return Destination.parse(JSON.parse(sealWith(key).open(sealed, id)))
  }
  const comes = (look: () => Promise<void>) => vi.waitFor(look, { timeout: 20_000, interval: 50 })
  const start = async () => {
    watcher = await startWatcher(env)
    return watcher
  }
  const valuesOf = async (bucket: string) => {
    const kv = await new Kvm(await nats.opened).open(bucket)
    const values = new Map<string, string>()
    for await (const name of await kv.keys()) values.set(name, (await kv.get(name))?.string() ?? '')
    return values
  }

  beforeAll(start)
  afterAll(async () => {
    await watcher.child.stop()
    await Promise.all([nats.close(), redis.close()])
    for (const made of [dir, secrets]) rmSync(made, { recursive: true, force: true })
  })

  it('takes the url and the options of a hook from there', async () => {
    secret('ops/chat/hook', `https://h.example/${canary}-one\n`)
    secret('plain/token', `${canary}-token`)
    const text = hookYaml('a', { secretRef: '{ name: chat, keys: { url: hook } }' }).replace(
      / {2}url:.*\n/,
      '',
    )
    write('a.yaml', text)
    write('b.yaml', hookYaml('b', { secretRef: '{ name: plain, keys: { options.secret: token } }' }))
    await comes(async () => {
      expect((await opened('a')).url).toBe(`https://h.example/${canary}-one`)
      expect((await opened('b')).options).toEqual({ secret: `${canary}-token` })
    })
  })

  it('has another value in force by itself, under another revision', async () => {
    const before = await hook('a')
    secret('ops/chat/hook', `https://h.example/${canary}-two`)
    await comes(async () => expect((await opened('a')).url).toBe(`https://h.example/${canary}-two`))
    expect((await hook('a'))?.revision).not.toBe(before?.revision)
  })

  it('keeps a hook as it was while its Secret is gone, says so, and goes on when it is back', async () => {
    const before = await hook('a')
    rmSync(join(secrets, 'ops/chat'), { recursive: true })
    const refusal = String.raw`Secret \"ops/chat\" does not exist`
    await vi.waitFor(() => expect(watcher.lines.join('\n')).toContain(refusal), 20_000)
    expect(await hook('a')).toEqual(before)
    secret('ops/chat/hook', `https://h.example/${canary}-three`)
    await comes(async () => expect((await opened('a')).url).toBe(`https://h.example/${canary}-three`))
  })

  it('does not show a url in it that is none', async () => {
    const before = await hook('a')
    secret('ops/chat/hook', `${canary}://${canary}`)
    await vi.waitFor(() => expect(watcher.lines.join('\n')).toContain('is no web address'), 20_000)
    expect(await hook('a')).toEqual(before)
  })

  it('keeps it so through a start of its own', async () => {
    const { revision } = await reader.current()
    await watcher.child.stop()
    said.push(...watcher.lines)
    const { url, lines } = await start()
    await comes(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200))
    await vi.waitFor(() => expect(lines.join('\n')).toContain('is no web address'), 20_000)
    expect((await reader.current()).revision).toBe(revision)
  })

  it('checks a template with what it loads then', async () => {
    write('t.yaml', `${hookYaml('t')}  template: "{{ text }}"\n---\n${hookYaml('u')}  template: "{{ text"\n`)
    await comes(async () => expect((await opened('t')).template).toBe('{{ text }}'))
    expect(watcher.lines.join('\n')).toContain('spec.template: it is no Liquid, at line 1, column 1')
    rmSync(join(dir, 't.yaml'))
  })

  it('puts silences where functions read them, and takes those away that are gone, of resources only', async () => {
    const kv = await new Kvm(await nats.opened).open('silences')
    const byHand = { namespace: 'ops', name: 'by-hand', spec: { until: '2099-01-01T00:00:00Z' } }
    await kv.put('api.ops.by-hand', JSON.stringify(byHand))
    write('s.yaml', silence('night', '{ schedule: { cron: "0 22 * * *", duration: 8h } }'))
    const names = async () =>
      (await silences.current()).map(({ id, spec }) => `${id} ${spec.schedule?.duration}`)
    await comes(async () => expect(await names()).toEqual(['ops/by-hand undefined', 'ops/night 8h']))
    expect([...(await valuesOf('silences')).keys()].sort()).toEqual(['api.ops.by-hand', 'resource.ops.night'])

    write('s.yaml', silence('night', '{ schedule: { cron: "0 22 * *", duration: 9h } }'))
    await vi.waitFor(
      () =>
        expect(watcher.lines.join('\n')).toContain(
          'Silence \\"ops/night\\" is refused, s.yaml:4: spec.schedule',
        ),
      20_000,
    )
    expect(await names()).toEqual(['ops/by-hand undefined', 'ops/night 8h'])
    expect(await (await fetch(`${watcher.url}/metrics`)).text()).toContain(
      'ops_watcher_silences{state="refused"} 1',
    )

    await watcher.child.stop()
    said.push(...watcher.lines)
    await start()
    await vi.waitFor(() => expect(watcher.lines.join('\n')).toContain('"msg":"Silences in force"'), 20_000)
    expect(await names()).toEqual(['ops/by-hand undefined', 'ops/night 8h'])

    rmSync(join(dir, 's.yaml'))
    await comes(async () => expect(await names()).toEqual(['ops/by-hand undefined']))
  })

  it('shows no value of a Secret in log, metrics, KV or Redis', async () => {
    const client = new Redis(cache.url)
    const inRedis = await Promise.all((await client.keys('*')).map(name => client.get(name)))
    client.disconnect()
    const inKv = [...(await valuesOf('hooks')).values(), ...(await valuesOf('silences')).values()]
    const metrics = await (await fetch(`${watcher.url}/metrics`)).text()
    for (const text of [inRedis.join(), inKv.join(), [...said, ...watcher.lines].join(), metrics]) {
      expect(text.length).toBeGreaterThan(100)
      expect(text).not.toContain(canary)
      expect(text).not.toContain(Buffer.from(canary).toString('base64').slice(0, 8))
    }
    expect(inRedis.join()).toContain('"ops/a"')
    expect(inKv.join()).toContain('"ops/a"')
  })
})

describe('without a folder of Secrets', async () => {
  const bus = await ownNats()
  const dir = mkdtempSync(join(tmpdir(), 'ops-events-hooks-'))

  it('a hook with a secretRef says what is missing, and the others are in force', async () => {
    writeFileSync(
      join(dir, 'a.yaml'),
      `${hookYaml('a', { secretRef: '{ name: s, keys: { url: u } }' })}---\n${hookYaml('b')}`,
    )
    const env = { EVENT_ENDPOINT: bus.url, REDIS_URL: 'redis://127.0.0.1:1', RESOURCES_DIR: dir }
    const { child, lines, url } = await startWatcher(env)
    await vi.waitFor(
      async () => {
        expect((await fetch(`${url}/readyz`)).status).toBe(200)
        expect(lines.join('\n')).toContain('there is neither a cluster nor SECRETS_DIR to have it from')
      },
      { timeout: 20_000, interval: 50 },
    )
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('ops_watcher_hooks{state="ready"} 1')
    await child.stop()
    rmSync(dir, { recursive: true, force: true })
  })
})
