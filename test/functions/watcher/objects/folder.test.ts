import { mkdirSync, mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jetstreamManager } from '@nats-io/jetstream'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openNats } from '../../../../shared/adapters/nats.ts'
import { objectsInKv } from '../../../../shared/adapters/objects/kv.ts'
import { quiet } from '../../../quiet.ts'
import { ownNats, ownRedis } from '../../../servers.ts'
import { startWatcher, type Watcher } from '../process.ts'
import { objectYaml, taskRunYaml } from './files.ts'

const many = 2_000

describe('watchers of a folder without a cluster', async () => {
  const cache = await ownRedis()
  const watchers: Watcher[] = []
  let dir = ''
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'ops-events-objects-'))
  })
  afterEach(async () => {
    for (const { child } of watchers.splice(0)) await child.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  const write = (path: string, text: string) => writeFileSync(join(dir, path), text)
  async function start(bus: { url: string }): Promise<Watcher> {
    const watcher = await startWatcher({
      ...{ EVENT_ENDPOINT: bus.url, REDIS_URL: cache.url, RESOURCES_DIR: dir },
    })
    watchers.push(watcher)
    return watcher
  }
  const said = ({ lines }: Watcher, text: string) =>
    expect
      .poll(() => lines.filter(line => line.includes(text)), { timeout: 60_000, interval: 20 })
      .not.toEqual([])

  describe('one that starts', async () => {
    const bus = await ownNats()
    const nats = openNats(bus.url, 'test', quiet)
    afterAll(() => nats.close())

    it('is not ready before all of them are in their places', async () => {
      const names = Array.from({ length: many }, (_, index) => `task-${index}`)
      const tasks = names.map(name => objectYaml('Task', name, { steps: [{ content: 'true' }] }))
      write('tasks.yaml', tasks.join('---\n'))
      const { url } = await start(bus)
      const isReady = async () => (await fetch(`${url}/readyz`)).ok
      await expect.poll(isReady, { timeout: 60_000, interval: 2 }).toBe(true)
      expect(await objectsInKv(nats, { now: () => Date.now() }).list('Task')).toHaveLength(names.length)
    }, 90_000)
  })

  describe('one', async () => {
    const bus = await ownNats()
    const nats = openNats(bus.url, 'test', quiet)
    const objects = objectsInKv(nats, { now: () => Date.now() })
    afterAll(() => nats.close())
    const specs = async () =>
      (await objects.list('TaskRun')).map(({ metadata, spec }) => `${metadata.name} ${spec.desc}`)
    const comes = (wanted: string[]) => expect.poll(specs, { timeout: 30_000, interval: 20 }).toEqual(wanted)

    it('follows what is written, changed and taken away', async () => {
      mkdirSync(join(dir, 'runs'))
      write('runs/a.yaml', taskRunYaml('a', { desc: 'one' }))
      write('task.yaml', objectYaml('Task', 'check', { steps: [{ content: 'true' }] }))
      const watcher = await start(bus)
      await comes(['a one'])
      await expect.poll(() => objects.list('Task')).toHaveLength(1)
      write('runs/b.yaml', taskRunYaml('b', { desc: 'one', crontab: '@yearly' }))
      await comes(['a one', 'b one'])
      write('runs/b.yaml', taskRunYaml('b', { desc: 'two', crontab: '@yearly' }))
      await comes(['a one', 'b two'])
      unlinkSync(join(dir, 'runs/a.yaml'))
      await comes(['b two'])
      write('runs/b.yaml', taskRunYaml('b', { desc: 3 }))
      await said(watcher, 'TaskRun \\"ops/b\\" is refused, runs/b.yaml:6: spec.desc: it is 3, a number')
      await comes(['b two'])
      write('runs/a.yaml', taskRunYaml('a', { desc: 'one' }))
      await said(watcher, 'It has run with this content: change it to run it again')
    }, 90_000)
  })

  describe('two', async () => {
    const bus = await ownNats()
    const nats = openNats(bus.url, 'test', quiet)
    const objects = objectsInKv(nats, { now: () => Date.now() })
    afterAll(() => nats.close())
    /** How often anything was ever written. */
    const writes = async () => {
      const jsm = await jetstreamManager(await nats.opened)
      return (await jsm.streams.info('KV_objects')).state.last_seq
    }

    it('make each of thousands of runs once, though one is killed in the middle and comes back', async () => {
      const [one, other] = [await start(bus), await start(bus)]
      await Promise.all([said(one, 'Objects in force'), said(other, 'Objects in force')])
      const documents = Array.from({ length: many }, (_, at) => taskRunYaml(`run-${at}`))
      write('runs.yaml', documents.join('---\n'))
      await expect.poll(writes, { timeout: 60_000, interval: 2 }).toBeGreaterThan(100)
      await one.child.kill()
      await expect.poll(writes, { timeout: 60_000 }).toBe(2 * many)
      const again = await start(bus)
      await said(again, 'Objects in force')
      expect(await objects.list('TaskRun')).toHaveLength(many)
      // Each was written once, and remembered once.
      expect(await writes()).toBe(2 * many)
    }, 120_000)
  })
})
