import { setTimeout as pause } from 'node:timers/promises'
import type { Kubernetes } from '../../shared/adapters/kubernetes.ts'

/** Of a pod what a kubelet's events need. */
export type Pod = {
  metadata: {
    name: string
    namespace: string
    uid: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
    deletionTimestamp?: string
  }
  spec: { nodeName?: string; containers: { name: string; image: string }[] }
  status?: { podIP?: string }
}

export type Says = { type?: 'Normal' | 'Warning'; reason: string; message: string; container?: string }
type About = { kind: string; apiVersion: string; namespace?: string; name: string; uid: string }

/** What stands in for the kubelets: it runs nothing, and says of a pod what a kubelet would, in its words and shape. */
export type Kubelet = {
  /** About a pod, from its node. Repeated, it is the same event counted up, as client-go's correlator does it. */
  say(pod: Pod, says: Says): Promise<void>
  /** About a node, from itself, whose name it gives as the uid. */
  sayOfNode(node: string, says: Says): Promise<void>
  /** By others than kubelet. */
  sayAs(component: string, about: About, says: Says): Promise<void>
  wait(ms: number): Promise<void>
}

export function kubeletOf(api: Kubernetes, signal: AbortSignal): Kubelet {
  const told = new Map<string, { name: string; namespace: string; count: number }>()

  async function tell(
    source: { component: string; host?: string },
    about: About & { fieldPath?: string },
    { type = 'Normal', reason, message }: Says,
  ): Promise<void> {
    if (signal.aborted) return
    const now = `${new Date().toISOString().slice(0, 19)}Z`
    const namespace = about.namespace ?? 'default'
    const key = JSON.stringify([source, about, type, reason, message])
    const known = told.get(key)
    const path = `/api/v1/namespaces/${namespace}/events`
    if (known) {
      known.count++
      await api.json({
        method: 'PATCH',
        path: `${path}/${known.name}`,
        contentType: 'application/strategic-merge-patch+json',
        body: { count: known.count, lastTimestamp: now },
      })
      return
    }
    // <object>.<nanoseconds in hex>, as client-go names them.
    const nanoseconds = (process.hrtime.bigint() + BigInt(Date.now()) * 1_000_000n).toString(16)
    const name = `${about.name}.${nanoseconds}`
    told.set(key, { name, namespace, count: 1 })
    await api.json({
      method: 'POST',
      path,
      body: {
        ...{ apiVersion: 'v1', kind: 'Event', metadata: { name, namespace }, involvedObject: about },
        ...{ type, reason, message, count: 1, firstTimestamp: now, lastTimestamp: now, source },
        ...{ reportingComponent: source.component, reportingInstance: source.host ?? '' },
      },
    })
  }

  return {
    say({ metadata: { name, namespace, uid }, spec }, says) {
      const fieldPath = says.container && `spec.containers{${says.container}}`
      const about = { kind: 'Pod', apiVersion: 'v1', namespace, name, uid, ...(fieldPath && { fieldPath }) }
      return tell({ component: 'kubelet', host: spec.nodeName ?? '' }, about, says)
    },
    sayOfNode: (node, says) =>
      tell(
        { component: 'kubelet', host: node },
        { kind: 'Node', apiVersion: '', name: node, uid: node },
        says,
      ),
    sayAs: (component, about, says) => tell({ component }, about, says),
    wait: ms => pause(ms, undefined, { signal }).catch(() => {}),
  }
}
