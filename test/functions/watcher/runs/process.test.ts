import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jetstreamManager } from '@nats-io/jetstream'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openNats } from '../../../../shared/adapters/nats.ts'
import { objectsInKv } from '../../../../shared/adapters/objects/kv.ts'
import { quiet } from '../../../quiet.ts'
import { ownNats, ownRedis } from '../../../servers.ts'
import { startWatcher, type Watcher } from '../process.ts'

describe('watchers without a cluster', async () => {
  const bus = await ownNats()
  const cache = await ownRedis()
  const dir = mkdtempSync(join(tmpdir(), 'ops-events-runs-'))
  const nats = openNats(bus.url, 'test', quiet)
  const objects = objectsInKv(nats, { now: Date.now })
  const watchers: Watcher[] = []

  const start = async () => {
    const env = { EVENT_ENDPOINT: bus.url, REDIS_URL: cache.url, RESOURCES_DIR: dir, TZ: 'UTC' }
    const watcher = await startWatcher(env)
    watchers.push(watcher)
    return watcher
  }
  const isReady = async ({ url }: Watcher) => (await fetch(`${url}/readyz`)).status === 200

  /** The messages on a subject, in order: what they hold, and when the bus had them. */
  async function messages(stream: string, subject: string) {
    const jsm = await jetstreamManager(await nats.opened)
    const all: { time: number; event: Record<string, unknown>; data: Record<string, string> }[] = []
    for (let query = { seq: 1, next_by_subj: subject }; ; ) {
      const found = await jsm.streams.getMessage(stream, query).catch(() => undefined)
      if (!found) return all
      const event = found.json<{ data: Record<string, string> }>()
      all.push({ time: found.time.getTime(), event, data: event.data })
      query = { ...query, seq: found.seq + 1 }
    }
  }
  const draft = (name: string, spec: object, metadata: object = {}) => ({
    kind: 'TaskRun' as const,
    metadata: { namespace: 'ops', name, ...metadata },
    spec: { taskRef: 'card', ...spec },
  })

  beforeAll(async () => {
    for (const watcher of await Promise.all([start(), start()]))
      await vi.waitFor(async () => expect(await isReady(watcher)).toBe(true), {
        timeout: 30_000,
        interval: 50,
      })
  }, 60_000)
  afterAll(async () => {
    await Promise.all(watchers.map(({ child }) => child.stop()))
    await nats.close()
    rmSync(dir, { recursive: true, force: true })
  })

  it('say that they handle runs, hosts and clusters now', async () => {
    for (const kind of ['hosts', 'clusters', 'tasks', 'taskruns', 'pipelines', 'pipelineruns']) {
      const subject = `ops.clusters.c1.namespaces.ops-system.controllers.${kind}.status`
      await vi.waitFor(async () => expect(await messages('ops', subject)).not.toEqual([]), 20_000)
    }
  })

  it('start what is made in KV, once', async () => {
    await objects.create(draft('now', {}))
    await vi.waitFor(
      async () => expect(await messages('runs', 'runs.ops.taskruns.now.start')).toHaveLength(1),
      20_000,
    )
  })

  it('tell its status as an event, with where it comes from', async () => {
    const run = await objects.get('TaskRun', 'ops', 'now')
    if (!run) throw new Error('There is no such run')
    await objects.putStatus(run, { runStatus: 'Running', startTime: new Date().toISOString() })
    const made = await objects.create(
      draft(
        'child',
        {},
        { annotations: { 'ops/hops': '2', 'ops/via': 'ops/hook', 'ops/causationid': 'e1' } },
      ),
    )
    if (!made) throw new Error('There is one already')
    await objects.putStatus(made, { runStatus: 'Successed' })
    const told = (name: string) => messages('ops', `ops.clusters.c1.namespaces.ops.taskruns.${name}.status`)
    await vi.waitFor(async () => expect(await told('now')).toHaveLength(1), 20_000)
    await vi.waitFor(async () => expect(await told('child')).toHaveLength(1), 20_000)
    const [{ event } = { event: {} }] = await told('child')
    expect(event).toMatchObject({ type: 'TaskRun', hops: 2, via: 'ops/hook', causationid: 'e1' })
  })

  it('order each second once and not before it, though one is killed', async () => {
    await objects.create(draft('each', { crontab: '@every 1s' }))
    const orders = () => messages('runs', 'runs.ops.taskruns.each.due')
    await vi.waitFor(async () => expect((await orders()).length).toBeGreaterThan(2), 20_000)
    await watchers[0]?.child.kill('SIGKILL')
    const before = (await orders()).length
    await vi.waitFor(async () => expect((await orders()).length).toBeGreaterThan(before + 3), 20_000)
    const all = await orders()
    const seconds = all.map(({ data }) => Date.parse(data.due ?? '') / 1000)
    expect(seconds).toEqual(seconds.map((_, index) => (seconds[0] ?? 0) + index))
    const late = all.map(({ data, time }) => time - Date.parse(data.due ?? ''))
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0)
  }, 60_000)

  it('go on after a restart, with nothing twice and nothing left out', async () => {
    await start()
    await watchers[1]?.child.stop()
    const orders = () => messages('runs', 'runs.ops.taskruns.each.due')
    const before = (await orders()).length
    await vi.waitFor(async () => expect((await orders()).length).toBeGreaterThan(before + 3), 30_000)
    const seconds = (await orders()).map(({ data }) => Date.parse(data.due ?? '') / 1000)
    expect(seconds).toEqual(seconds.map((_, index) => (seconds[0] ?? 0) + index))
    expect(await messages('runs', 'runs.ops.taskruns.now.start')).toHaveLength(1)
  }, 60_000)

  it('count what they order', async () => {
    const page = await (await fetch(`${watchers[2]?.url}/metrics`)).text()
    expect(page).toContain('ops_watcher_schedules 1')
    expect(page).toMatch(/ops_watcher_orders_total\{order="due"\} \d+/)
    expect(page).toContain('ops_watcher_missed_runs_total 0')
  })
})
