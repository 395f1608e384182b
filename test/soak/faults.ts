import { setTimeout as pause } from 'node:timers/promises'
import { compact } from '../../infra/local/kubernetes/compact.ts'
import type { Stand } from './stand.ts'

/** What can go wrong, each done and undone. `away`: for how long NATS is, in seconds. */
export const faultsOf = (
  { cluster, nats, proxies, watchers }: Stand,
  away: number,
): Record<string, () => Promise<void>> => {
  const [one, two] = watchers
  return {
    async 'both watchers are killed'() {
      await Promise.all([one?.kill(), two?.kill()])
      await pause(1_000)
      await Promise.all([one?.start(), two?.start()])
    },
    async 'one of two watchers is killed'() {
      await one?.kill()
      await pause(5_000)
      await one?.start()
    },
    'the API server is started again': () => cluster.restart('kube-apiserver'),
    async 'connections are cut'() {
      for (let turn = 0; turn < 3; turn++) {
        for (const proxy of proxies) proxy.cut()
        await pause(2_000)
      }
    },
    async 'connections are open and dead'() {
      for (const proxy of proxies) proxy.hold()
      // Longer than a watch is believed to live.
      await pause(50_000)
      for (const proxy of proxies) {
        proxy.cut()
        proxy.resume()
      }
    },
    async 'etcd forgets while both watchers are down'() {
      await Promise.all([one?.kill(), two?.kill()])
      await pause(5_000)
      await compact(cluster)
      await Promise.all([one?.start(), two?.start()])
    },
    async 'NATS is away'() {
      await nats.kill()
      await pause(away * 1_000)
      await nats.restart()
    },
  }
}
