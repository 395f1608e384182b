import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jetstreamManager } from '@nats-io/jetstream'
import { Kvm } from '@nats-io/kv'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { startChild } from '../../../infra/local/child.ts'
import { hookReader } from '../../../shared/adapters/hooks.ts'
import { openBucket } from '../../../shared/adapters/kv.ts'
import { openNats } from '../../../shared/adapters/nats.ts'
import { openRedis } from '../../../shared/adapters/redis.ts'
import type { HookSet } from '../../../shared/hookset.ts'
import { quiet } from '../../quiet.ts'
import { natsVersions, ownNats, ownRedis } from '../../servers.ts'
import { hookYaml, key } from './folder-of.ts'
import { startWatcher, type Watcher } from './process.ts'

const door = new URL('../../../functions/watcher/index.ts', import.meta.url).pathname

describe.each(natsVersions)('the watcher in folder mode, on NATS %s', async version => {
  const bus = await ownNats(version)
  const cache = await ownRedis()
  const dir = mkdtempSync(join(tmpdir(), 'ops-events-watcher-'))
  const nats = openNats(bus.url, 'test', quiet)
  const redis = openRedis(cache.url, quiet)
  const reader = hookReader(nats, redis, quiet)
  let watcher: Watcher

  const write = (name: string, text: string) => writeFileSync(join(dir, name), text)
  const idsOf = ({ hooks }: HookSet) => hooks.map(({ id, subject }) => `${id} ${subject}`)
  const comes = (ids: string[]) =>
    vi.waitFor(async () => expect(idsOf(await reader.current())).toEqual(ids), { interval: 20 })

  beforeAll(async () => {
    watcher = await startWatcher({ EVENT_ENDPOINT: bus.url, REDIS_URL: cache.url, RESOURCES_DIR: dir })
  })
  afterAll(async () => {
    await watcher.child.stop()
    await Promise.all([nats.close(), redis.close()])
    rmSync(dir, { recursive: true, force: true })
  })

  it('puts an empty set in force where there is no hook, and is ready then', async () => {
    await comes([])
    await vi.waitFor(async () => expect((await fetch(`${watcher.url}/readyz`)).status).toBe(200))
  })

  it('says that it handles hooks now', async () => {
    const jsm = await jetstreamManager(await nats.opened)
    const subject = 'ops.clusters.c1.namespaces.ops-system.controllers.eventhooks.status'
    const message = await vi.waitFor(async () => {
      const found = await jsm.streams.getMessage('ops', { last_by_subj: subject })
      if (!found) throw new Error('There is no status event')
      return found
    })
    expect(message.header.get('content-type')).toBe('application/cloudevents+json')
    expect(message.json()).toMatchObject({
      id: message.header.get('Nats-Msg-Id'),
      type: 'Controller',
      subject,
      cluster: 'c1',
      data: { cluster: 'c1', kind: 'EventHooks', status: 'setup' },
    })
  })

  it('has a file that is made, changed or deleted in force soon', async () => {
    write('a.yaml', hookYaml('a'))
    await comes(['ops/a ops.>'])
    write('a.yaml', `${hookYaml('a', { subject: 'ops.a.*' })}---\n${hookYaml('b')}`)
    await comes(['ops/a ops.a.*', 'ops/b ops.>'])
    write('a.yaml', hookYaml('b'))
    await comes(['ops/b ops.>'])
    rmSync(join(dir, 'a.yaml'))
    await comes([])
  })

  it('refuses what is wrong in its log and its metrics, and puts the others in force', async () => {
    write('a.yaml', `${hookYaml('a')}---\n${hookYaml('b', { type: 'webhok' })}`)
    await comes(['ops/a ops.>'])
    const page = await (await fetch(`${watcher.url}/metrics`)).text()
    expect(page).toContain('ops_watcher_hooks{state="ready"} 1')
    expect(page).toContain('ops_watcher_hooks{state="refused"} 1')
    expect(page).toMatch(/ops_watcher_hooks_revision_timestamp_seconds \d{10}/)
    expect(watcher.lines.join('\n')).toContain('Hook \\"ops/b\\" is refused, a.yaml:17: spec.type')
  })

  it('shows neither url nor options in KV or Redis', async () => {
    write(
      'a.yaml',
      `${hookYaml('a', { url: 'https://u.example/p4th?key=k3y' })}  options: { token: t0ken }\n`,
    )
    await comes(['ops/a ops.>'])
    const client = new Redis(cache.url)
    const inRedis = await Promise.all((await client.keys('*')).map(name => client.get(name)))
    client.disconnect()
    const kv = await new Kvm(await nats.opened).open('hooks')
    const inKv: string[] = []
    for await (const name of await kv.keys()) inKv.push((await kv.get(name))?.string() ?? '')
    for (const texts of [inRedis, inKv]) {
      expect(texts.join()).toContain('"ops/a"')
      expect(texts.join()).not.toMatch(/u\.example|p4th|k3y|t0ken/)
    }
  })

  it('is read from KV while Redis is away, and cached again when it is back', async () => {
    await cache.kill()
    write('a.yaml', hookYaml('a', { subject: 'ops.away' }))
    await comes(['ops/a ops.away'])
    await cache.restart()
    const { revision } = await reader.current()
    const client = new Redis(cache.url)
    await vi.waitFor(async () => expect(await client.keys(`*${revision}*`)).toHaveLength(2))
    client.disconnect()
  })

  it('goes on when NATS is back, and with what changed meanwhile', async () => {
    await bus.kill()
    write('a.yaml', hookYaml('a', { subject: 'ops.meanwhile' }))
    const said = () => watcher.lines.join('\n')
    await vi.waitFor(() => expect(said()).toContain('Cannot put the hooks in force'))
    await bus.restart()
    await comes(['ops/a ops.meanwhile'])
    write('a.yaml', hookYaml('a', { subject: 'ops.after' }))
    await comes(['ops/a ops.after'])
  })

  it('puts everything in force anew when NATS has lost it', async () => {
    const jsm = await jetstreamManager(await nats.opened)
    for (const name of ['KV_hooks', 'ops']) await jsm.streams.delete(name)
    await vi.waitFor(async () => expect((await jsm.streams.info('ops')).config.name).toBe('ops'))
    const kv = await openBucket(await nats.opened, 'hooks')
    await vi.waitFor(async () => expect((await kv.get('current'))?.string()).toContain('revision'))
  })

  it('keeps revision and seals through a restart of its own', async () => {
    const { revision } = await reader.current()
    await watcher.child.stop()
    watcher = await startWatcher({ EVENT_ENDPOINT: bus.url, REDIS_URL: cache.url, RESOURCES_DIR: dir })
    await vi.waitFor(async () => expect((await fetch(`${watcher.url}/readyz`)).status).toBe(200))
    expect((await reader.current()).revision).toBe(revision)
  })
})

describe('two watchers of different folders', async () => {
  const bus = await ownNats()
  const cache = await ownRedis()

  it('say each that the other undoes what they do', async () => {
    const dirs = ['one', 'other'].map(name => {
      const dir = mkdtempSync(join(tmpdir(), 'ops-events-watcher-'))
      writeFileSync(join(dir, 'hook.yaml'), hookYaml(name))
      return dir
    })
    const watchers = await Promise.all(
      dirs.map(dir => startWatcher({ EVENT_ENDPOINT: bus.url, REDIS_URL: cache.url, RESOURCES_DIR: dir })),
    )
    onTestFinished(async () => {
      for (const { child } of watchers) await child.stop()
      for (const dir of dirs) rmSync(dir, { recursive: true, force: true })
    })
    const said = ({ lines }: Watcher) => lines.filter(line => line.includes('Another watcher had put'))
    // Each looks after its hooks every 5 s, and finds those of the other; once is enough.
    await vi.waitFor(() => expect(watchers.map(watcher => said(watcher).length)).toEqual([1, 1]), 60_000)
  })
})

describe('the watcher', () => {
  it('waits for the bus, alive and not ready', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'ops-events-watcher-'))
    const watcher = await startWatcher({
      EVENT_ENDPOINT: 'nats://127.0.0.1:1',
      REDIS_URL: 'redis://127.0.0.1:1',
      RESOURCES_DIR: dir,
    })
    expect((await fetch(`${watcher.url}/healthz`)).status).toBe(200)
    expect((await fetch(`${watcher.url}/readyz`)).status).toBe(503)
    // It may be in the middle of an attempt to connect, on a machine that has other things to do.
    await watcher.child.stop(30_000)
    expect(await watcher.child.exited).toBe('code 0')
    rmSync(dir, { recursive: true, force: true })
  })

  it('does not start without its folder', async () => {
    const child = await startChild(process.execPath, [door], {
      env: {
        EVENT_CLUSTER: 'c1',
        EVENT_ENDPOINT: 'nats://127.0.0.1:1',
        REDIS_URL: 'redis://127.0.0.1:1',
        HOOK_SEAL_KEY: key,
        RESOURCES_DIR: '/nowhere/at/all',
      },
    })
    expect(await child.exited).toBe('code 1')
    expect(child.tail()).toContain('RESOURCES_DIR: there is no such folder')
  })
})
