import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Child, startChild } from '../../infra/local/child.ts'
import { freePort } from '../../infra/local/ports.ts'
import { until } from '../../infra/local/until.ts'
import { openService, type Service } from './service.ts'

/** What Kubernetes takes its time for, in milliseconds. */
export type Manners = {
  /** From the word that a pod ends until no new connection is led to it. */
  lag: number
  /** From that word until its SIGTERM: `preStop.sleep`. */
  preStop: number
  /** From there to its SIGKILL. */
  grace: number
}

/** One process in so many replicas behind one address. */
export type Deployment = {
  name: string
  service: Service
  /** Replaces all by those of another folder of bundles, one after the other, a new one first; starts them at first. */
  roll(dist: string): Promise<void>
  stop(): Promise<void>
}

type Pod = { child: Child; port: number }

/** How a pod ended that had been asked to, where it did not with 0 or not in time. */
export type Rude = (name: string, how: string) => void

/** Opens one that has no replica yet: `roll` starts them. */
export async function openDeployment(about: {
  name: string
  replicas: number
  environment(port: number): NodeJS.ProcessEnv
  manners: Manners
  rude: Rude
  line(name: string, text: string): void
}): Promise<Deployment> {
  const { name, replicas, environment, manners, rude, line } = about
  const service = await openService()
  let pods: Pod[] = []
  const route = () => service.route(pods.map(({ port }) => port))

  async function start(dist: string): Promise<void> {
    const port = await freePort()
    const child = await startChild(process.execPath, [join(dist, name, 'index.js')], {
      env: environment(port),
      line: text => line(name, text),
    })
    await until(`${name} to be ready`, child, () => isReady(port))
    pods = [...pods, { child, port }]
    route()
  }

  async function end(pod: Pod): Promise<void> {
    pods = pods.filter(other => other !== pod)
    const led = pause(manners.lag).then(route)
    await pause(manners.preStop)
    const late = setTimeout(() => void pod.child.kill(), manners.grace)
    await pod.child.kill('SIGTERM')
    clearTimeout(late)
    await led
    const how = await pod.child.exited
    if (how !== 'code 0') rude(name, how)
  }

  return {
    name,
    service,
    async roll(dist) {
      const old = pods
      for (let replica = 0; replica < replicas; replica++) {
        await start(dist)
        const [first] = old.splice(0, 1)
        if (first) await end(first)
      }
    },
    async stop() {
      await Promise.all(pods.map(({ child }) => child.stop(5_000)))
      service.close()
    },
  }
}

async function isReady(port: number): Promise<true | undefined> {
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined)
  return answer?.ok || undefined
}
