import { jetstreamManager } from '@nats-io/jetstream'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { memoryIn } from '../../../../functions/watcher/runs/memory.ts'
import { watchRuns } from '../../../../functions/watcher/runs/run-watch.ts'
import { bucketIn } from '../../../../shared/adapters/kv.ts'
import { openNats } from '../../../../shared/adapters/nats.ts'
import { publisherOver } from '../../../../shared/adapters/publisher.ts'
import { ensureStreams } from '../../../../shared/adapters/streams.ts'
import { quiet } from '../../../quiet.ts'
import { natsVersions, ownNats } from '../../../servers.ts'
import { ms, type Thing, thing } from './stage.ts'

describe.each(natsVersions)('two watchers on one bus, NATS %s', async version => {
  const bus = await ownNats(version)
  const nats = openNats(bus.url, 'test', quiet)
  beforeAll(async () => {
    await ensureStreams(await nats.opened, 1, quiet)
  })
  afterAll(() => nats.close())

  /** The subjects of all messages of a stream, and how many each has. */
  async function subjects(stream: string, filter: string): Promise<Record<string, number>> {
    const jsm = await jetstreamManager(await nats.opened)
    const { state } = await jsm.streams.info(stream, { subjects_filter: filter })
    return state.subjects ?? {}
  }

  /** Watchers of a cluster of their own, with one clock for all. */
  function watchers(cluster: string, at: string) {
    let now = ms(at)
    const wall = () => now
    return {
      putClock(time: string) {
        now = ms(time)
      },
      async start(things: Thing[]) {
        const sleep = async () => {}
        const memory = memoryIn(bucketIn(nats, 'checkpoints'), { cluster, wall, sleep, log: quiet })
        const { publish } = publisherOver(nats)
        const underWay = new Set<Promise<unknown>>()
        const watch = watchRuns({
          ...{ cluster, timeZone: 'UTC', jobs: false, wall, given: memory.given },
          publish(message) {
            const done = publish(message)
            underWay.add(done)
            return done.finally(() => underWay.delete(done))
          },
          ...{
            odd(id, error) {
              throw new Error(`Cannot follow ${id}`, { cause: error })
            },
            ordered() {},
            missed() {},
          },
        })
        for (const kind of ['PipelineRun', 'Host', 'Cluster'] as const)
          watch.take(kind, { kind: 'all', objects: [] })
        watch.take('TaskRun', { kind: 'all', objects: things })
        watch.begin(await memory.read())
        return {
          watch,
          /** Looks at the clock; resolves when the bus holds what it gave and it is remembered. */
          async look() {
            watch.tick()
            await vi.waitFor(() => expect(watch.reached()?.given ?? now).toBe(now))
            const reached = watch.reached()
            if (reached) await memory.remember({ ...reached, news: true })
            await memory.flush()
          },
        }
      },
    }
  }

  const hourly = (name: string, crontab = '30 * * * *') => thing(name, { spec: { taskRef: name, crontab } })

  it('order what is due once', async () => {
    const { start, putClock } = watchers('c1', '2026-11-21T12:00:00Z')
    const [one, other] = [await start([hourly('twice')]), await start([hourly('twice')])]
    putClock('2026-11-21T12:30:00.010Z')
    await Promise.all([one.look(), other.look()])
    expect(await subjects('runs', 'runs.ops.taskruns.twice.>')).toEqual({ 'runs.ops.taskruns.twice.due': 1 })
  })

  it('order it once when one is killed at the minute, and when that comes back', async () => {
    const { start, putClock } = watchers('c2', '2026-11-21T12:00:00Z')
    const [one, other] = [await start([hourly('killed')]), await start([hourly('killed')])]
    await Promise.all([one.look(), other.look()])
    putClock('2026-11-21T12:30:00.010Z')
    // Its order goes out, and it is no more before it can remember that.
    one.watch.tick()
    await other.look()
    const again = await start([hourly('killed')])
    putClock('2026-11-21T12:30:01Z')
    await again.look()
    expect(await subjects('runs', 'runs.ops.taskruns.killed.>')).toEqual({
      'runs.ops.taskruns.killed.due': 1,
    })
  })

  it('order it where the one that is killed had not', async () => {
    const { start, putClock } = watchers('c3', '2026-11-21T12:00:00Z')
    const [one, other] = [await start([hourly('left')]), await start([hourly('left')])]
    await Promise.all([one.look(), other.look()])
    putClock('2026-11-21T12:30:00.010Z')
    await other.look()
    expect(await subjects('runs', 'runs.ops.taskruns.left.>')).toEqual({ 'runs.ops.taskruns.left.due': 1 })
  })

  it('order the latest missed after an outage of both, and tell of the others once', async () => {
    const { start, putClock } = watchers('c4', '2026-11-21T12:00:00Z')
    const before = await start([hourly('outage', '*/10 * * * *')])
    await before.look()
    putClock('2026-11-21T14:05:00Z')
    const [one, other] = [
      await start([hourly('outage', '*/10 * * * *')]),
      await start([hourly('outage', '*/10 * * * *')]),
    ]
    await Promise.all([one.look(), other.look()])
    expect(await subjects('runs', 'runs.ops.taskruns.outage.>')).toEqual({
      'runs.ops.taskruns.outage.due': 1,
    })
    const subject = 'ops.clusters.c4.namespaces.ops.taskruns.outage.events'
    expect(await subjects('ops', subject)).toEqual({ [subject]: 1 })
    const jsm = await jetstreamManager(await nats.opened)
    const event = (await jsm.streams.getMessage('ops', { last_by_subj: subject }))?.json()
    expect(event).toMatchObject({ type: 'Kube', data: { reason: 'MissedSchedule', count: 11 } })
  })

  it('order 500 that are due at once, each once', async () => {
    const { start, putClock } = watchers('c5', '2026-11-21T12:00:00Z')
    const many = Array.from({ length: 500 }, (_, index) => hourly(`many-${index}`))
    const [one, other] = [await start(many), await start(many)]
    putClock('2026-11-21T12:30:00.010Z')
    await Promise.all([one.look(), other.look()])
    const counts = Object.entries(await subjects('runs', 'runs.ops.taskruns.*.due')).filter(([name]) =>
      name.includes('.many-'),
    )
    expect(counts).toHaveLength(500)
    expect(counts.every(([, count]) => count === 1)).toBe(true)
  })
})
