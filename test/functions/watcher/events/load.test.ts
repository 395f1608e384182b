import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { jetstreamManager } from '@nats-io/jetstream'
import { expect, it, vi } from 'vitest'
import { sharedDist } from '../../../dist.ts'
import { describeOnKubernetes } from '../../../kubernetes.ts'
import { apiOf } from './api.ts'
import { standOf } from './stand.ts'

const mebibyte = 1024 * 1024
// For a manifest to set too. Without a bound V8 lets garbage lie about: 320 MiB while it lists 50,000 events, of which it
// needs 40; and each thread of libuv keeps an arena of its own.
const bounded = {
  LOG_LEVEL: 'info',
  NODE_OPTIONS: '--max-old-space-size=96 --max-semi-space-size=2',
  MALLOC_ARENA_MAX: '2',
}

/** The most memory that a process had until now, in bytes. */
const peakOf = (pid: number) =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024

describeOnKubernetes('the watcher under load', {}, async cluster => {
  const api = apiOf(cluster)
  const stand = await standOf()
  const { seen } = await api.independentWatch()
  // As it runs in production: reading TypeScript costs 35 MiB of its own.
  const bundle = join(await sharedDist(), 'watcher', 'index.js')

  const stateOf = async (about: { subjects_filter?: string } = {}) => {
    const jsm = await jetstreamManager(await stand.nats.opened)
    return (await jsm.streams.info('ops', about)).state
  }
  const onBus = async () => (await stateOf()).messages

  it('keeps up with 5,000 events written as fast as the API server takes them', {
    timeout: 400_000,
  }, async () => {
    const { pid } = await stand.watcher({ KUBECONFIG: cluster.kubeconfig, ...bounded }, bundle)
    const count = 5_000
    const [idle, before] = [await onBus(), seen.size]
    const began = performance.now()
    const took = { bare: 0, bus: 0 }
    const bare = vi.waitFor(() => expect(seen.size - before).toBe(count), {
      ...{ timeout: 350_000, interval: 10 },
    })
    // What the watcher says of itself comes in between.
    const bus = vi.waitFor(async () => expect((await onBus()) - idle).toBeGreaterThanOrEqual(count), {
      ...{ timeout: 350_000, interval: 10 },
    })
    void bare.then(() => {
      took.bare = performance.now() - began
    })
    void bus.then(() => {
      took.bus = performance.now() - began
    })
    let written = 0
    const write = async () => {
      while (written < count) {
        written++
        await api.happens({ object: `pod-${before}-${written}` })
      }
    }
    await Promise.all(Array.from({ length: 16 }, write))
    await Promise.all([bare, bus])
    const { subjects = {} } = await stateOf({ subjects_filter: 'ops.clusters.*.namespaces.*.pods.*.events' })
    expect(Object.keys(subjects).filter(one => one.includes(`.pod-${before}-`))).toHaveLength(count)
    console.log(
      `5,000 events: a bare reader has them after ${took.bare.toFixed(0)} ms, the bus after ${took.bus.toFixed(0)} ms (ratio ${(took.bare / took.bus).toFixed(3)}); peak memory ${(peakOf(pid) / mebibyte).toFixed(0)} MiB`,
    )
    expect(took.bus).toBeLessThan(took.bare * 1.5 + 2_000)
    expect(peakOf(pid)).toBeLessThan(150 * mebibyte)
  })

  it('does not grow with 50,000 events in etcd', { timeout: 400_000 }, async () => {
    const name = await api.happens({ object: 'many' })
    await api.multiply(name, 45_000)
    // Another name of the cluster has no place to go on from: it begins with a list of everything.
    const c2 = { KUBECONFIG: cluster.kubeconfig, EVENT_CLUSTER: 'c2', ...bounded }
    const { pid } = await stand.watcher(c2, bundle)
    await vi.waitFor(async () => expect(await onBus()).toBeGreaterThan(50_000), {
      ...{ timeout: 350_000, interval: 50 },
    })
    console.log(`A first start with 50,000 events: peak memory ${(peakOf(pid) / mebibyte).toFixed(0)} MiB`)
    expect(peakOf(pid)).toBeLessThan(150 * mebibyte)
  })
})
