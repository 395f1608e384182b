import { setTimeout as pause } from 'node:timers/promises'
import { Agent, request } from 'undici'
import type { Child } from '../child.ts'
import { type Component, type Place, urlOf } from './components.ts'
import { readAuthority, tokenOf } from './credentials.ts'

// What has to answer 200 before the next one starts. That a namespace has its service account is the controller
// manager's work: no pod is accepted before.
const asked = {
  etcd: [['etcd', '/health']],
  'kube-apiserver': [
    ['kube-apiserver', '/readyz'],
    ['kube-apiserver', '/api/v1/namespaces/default'],
  ],
  'kube-controller-manager': [
    ['kube-controller-manager', '/healthz'],
    ['kube-apiserver', '/api/v1/namespaces/default/serviceaccounts/default'],
  ],
  'kube-scheduler': [['kube-scheduler', '/healthz']],
  kwok: [['kwok', '/healthz']],
} satisfies Record<Component, Array<[Component, string]>>

/**
 * Waits until a component does its work.
 * @throws Error with its last lines when it ends first or a minute is over
 */
export async function ready(component: Component, child: Child, place: Place): Promise<void> {
  const late = AbortSignal.timeout(60_000)
  let ended: string | undefined
  void child.exited.then(how => {
    ended = how
  })
  for (const [whom, path] of asked[component]) {
    while (!(await answers(whom, path, place))) {
      if (ended) throw new Error(`${component} ended with ${ended} before it was ready:\n${child.tail()}`)
      if (late.aborted) throw new Error(`${component} was not ready within a minute:\n${child.tail()}`)
      await pause(50)
    }
  }
}

async function answers(component: Component, path: string, { dir, ports }: Place): Promise<boolean> {
  const ca = await readAuthority(dir)
  const agent = new Agent(ca ? { connect: { ca } } : {})
  try {
    const { statusCode, body } = await request(`${urlOf(component, ports[component])}${path}`, {
      headers: { authorization: `Bearer ${tokenOf(dir, 'admin')}` },
      dispatcher: agent,
      signal: AbortSignal.timeout(2_000),
    })
    await body.dump()
    return statusCode === 200
  } catch {
    return false
  } finally {
    await agent.destroy()
  }
}
