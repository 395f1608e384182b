import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, vi } from 'vitest'
import { type Child, startChild } from '../../../../infra/local/child.ts'
import type { Cluster } from '../../../../infra/local/kubernetes/cluster.ts'
import { kubeconfigText } from '../../../../infra/local/kubernetes/credentials.ts'
import { openNats } from '../../../../shared/adapters/nats.ts'
import { quiet } from '../../../quiet.ts'
import { ownNats, ownRedis } from '../../../servers.ts'
import { key } from '../folder-of.ts'
import { eventsOn, type OnBus } from './bus.ts'

const door = new URL('../../../../functions/watcher/index.ts', import.meta.url).pathname

/** A watcher process of the test. */
export type Watcher = Child & { url: string; lines: string[]; metrics(): Promise<Map<string, number>> }

/** A bus of its own, and watchers that put events on it; all end after the last test. */
export async function standOf(version: 'current' | '2.9.10' = 'current') {
  const bus = await ownNats(version)
  const cache = await ownRedis()
  const nats = openNats(bus.url, 'test', quiet)
  const watchers = new Set<Child>()
  const killAll = () => Promise.all([...watchers].map(child => child.kill()))
  // One that a failed test left behind would do the work of the next one's.
  afterEach(killAll)
  afterAll(() => nats.close())

  return {
    bus,
    nats,
    /** Starts a watcher, and waits until its watch is open. */
    async watcher(env: Record<string, string>, file = door): Promise<Watcher> {
      const lines: string[] = []
      const child = await startChild(process.execPath, [file], {
        env: {
          ...{ EVENT_CLUSTER: 'c1', EVENT_ENDPOINT: bus.url, REDIS_URL: cache.url, HOOK_SEAL_KEY: key },
          ...{ PORT: '0', LOG_LEVEL: 'debug', ...env },
        },
        line: text => lines.push(text),
      })
      watchers.add(child)
      let ended: string | undefined
      void child.exited.then(how => {
        ended = how
      })
      const url = await vi.waitFor(
        async () => {
          if (ended) return ''
          const listening = lines.find(line => line.includes('"msg":"Listening"'))
          const at = `http://127.0.0.1:${listening ? JSON.parse(listening).port : 0}`
          const age = (await metricsOf(at)).get('ops_watcher_watch_age_seconds')
          if (!age) throw new Error(`The watcher has no watch open: ${child.tail()}`)
          return at
        },
        { timeout: 60_000, interval: 150 },
      )
      if (ended) throw new Error(`The watcher ended with ${ended}: ${child.tail()}`)
      return { ...child, url, lines, metrics: () => metricsOf(url) }
    },
    /** Everything that lies on the bus, in order. */
    events: async (filter?: string): Promise<OnBus[]> => eventsOn(await nats.opened, filter),
  }
}

/** A file with this text, which goes with the test. */
export function fileWith(text: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'ops-events-file-'))
  afterAll(() => rmSync(dir, { recursive: true, force: true }))
  const path = join(dir, 'file.yaml')
  writeFileSync(path, text)
  return path
}

/** The environment of a watcher that reaches the cluster over another port. */
export const proxied = ({ ca, token }: Pick<Cluster, 'ca' | 'token'>, port: number) => ({
  KUBECONFIG: fileWith(kubeconfigText({ url: `https://127.0.0.1:${port}`, ca, token })),
})

/** The samples of a /metrics page by their names with labels. */
async function metricsOf(url: string): Promise<Map<string, number>> {
  const page = await (await fetch(`${url}/metrics`)).text()
  const rows = page.split('\n').filter(line => line !== '' && !line.startsWith('#'))
  return new Map(
    rows.map(line => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  )
}
