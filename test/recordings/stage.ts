import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseAllDocuments, stringify } from 'yaml'
import { type Cluster, startKubernetes } from '../../infra/local/kubernetes/cluster.ts'
import { makeNodes } from '../../infra/local/kubernetes/kubectl.ts'
import type { ClusterOptions } from '../../infra/local/kubernetes/launch.ts'
import { accessIn } from '../../shared/adapters/kubeconfig.ts'
import { type Kubernetes, openKubernetes } from '../../shared/adapters/kubernetes.ts'
import { isObject } from '../../shared/json.ts'
import { behaviours } from './behaviours.ts'
import { type Kubelet, kubeletOf, type Pod } from './kubelet.ts'

export type Told = { metadata: { uid: string }; reason: string; regarding: { kind: string; name: string } }

/** A control plane on which a story happens while it is recorded. */
export type Stage = {
  cluster: Cluster
  kubelet: Kubelet
  pods(): Pod[]
  apply(...objects: object[]): Promise<void>
  /** Of this node kubelet says no more, from now on. */
  silence(node: string): void
  /** Waits until so many versions of events have that reason. */
  until(reason: string, count?: number): Promise<void>
}

export type Story = {
  nodes?: number
  flags?: ClusterOptions['flags']
  play(stage: Stage): Promise<void>
}

/** Plays a story on a control plane of its own: every version of its events in order, and the objects it was about. */
export async function record({
  nodes = 3,
  flags,
  play,
}: Story): Promise<{ events: object[]; objects: object[] }> {
  const dir = await mkdtemp(join(tmpdir(), 'recording-'))
  const stages = join(dir, 'stages.yaml')
  await writeFile(stages, await quietStages())
  const cluster = await startKubernetes({
    ...{ dir: join(dir, 'cluster'), controllers: true },
    flags: { ...flags, kwok: { config: stages } },
  })
  const over = new AbortController()
  try {
    const api = openKubernetes(accessIn(await readFile(cluster.kubeconfig, 'utf8')), {
      rate: 500,
      burst: 1000,
    })
    const kubelet = kubeletOf(api, over.signal)
    const events: Told[] = []
    const objects = new Map<string, object>()
    const pods = new Map<string, Pod>()
    const silent = new Set<string>()
    const follow = async (path: string, take: (object: never, type: string) => void) => {
      const query = { watch: 'true', resourceVersion: '0' }
      const changes = await api.watch({ path, query }, over.signal)
      void each(changes, take).catch(error => over.signal.aborted || console.error(error))
    }
    await follow('/apis/events.k8s.io/v1/events', (event: Told, type) => {
      if (type !== 'DELETED') events.push(event)
    })
    for (const path of followed)
      await follow(path, (object: Trimmable) => objects.set(object.metadata.uid, object))
    await follow('/api/v1/pods', (pod: Pod, type) => {
      const known = pods.get(pod.metadata.uid)
      if (type !== 'DELETED') objects.set(pod.metadata.uid, pod)
      pods.set(pod.metadata.uid, pod)
      if (!pod.spec.nodeName || silent.has(pod.spec.nodeName)) return
      if (!known?.spec.nodeName) begin(kubelet, pod)
      if (pod.metadata.deletionTimestamp && !known?.metadata.deletionTimestamp) end(kubelet, pod)
    })
    await makeNodes(cluster, nodes)
    await play({
      ...{ cluster, kubelet },
      pods: () => [...pods.values()],
      apply: async (...items) => {
        await cluster.kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
      },
      silence: node => silent.add(node),
      async until(reason, count = 1) {
        const deadline = Date.now() + 240_000
        while (events.filter(event => event.reason === reason).length < count) {
          if (Date.now() > deadline) throw new Error(`"${reason}" did not happen ${count} times`)
          await pause(200)
        }
      },
    })
    await pause(2_000)
    return { events: events.map(trimmed), objects: [...objects.values()].map(bare) }
  } finally {
    over.abort()
    await cluster.stop()
    await rm(dir, { recursive: true, force: true })
  }
}

const followed = [
  '/apis/apps/v1/replicasets',
  '/apis/apps/v1/deployments',
  '/apis/apps/v1/statefulsets',
  '/apis/batch/v1/jobs',
  '/api/v1/persistentvolumeclaims',
  '/api/v1/nodes',
]

async function each(
  changes: Awaited<ReturnType<Kubernetes['watch']>>,
  take: (object: never, type: string) => void,
): Promise<void> {
  for await (const { type, object } of changes) if (type !== 'BOOKMARK') take(object as never, type)
}

function begin(kubelet: Kubelet, pod: Pod): void {
  const behave = behaviours[pod.metadata.labels?.kubelet ?? 'runs'] ?? behaviours.runs
  void behave?.(kubelet, pod).catch(error => console.error(error))
}

function end(kubelet: Kubelet, pod: Pod): void {
  for (const { name } of pod.spec.containers) {
    const message = `Stopping container ${name}`
    void kubelet.say(pod, { reason: 'Killing', message, container: name }).catch(() => {})
  }
}

const neverRuns = [
  { key: '.metadata.labels["kubelet"]', operator: 'NotIn', values: ['image-missing', 'no-config'] },
]

/** kwok sees to nodes and to the status of pods, and says nothing itself: that is done in kubelet's words. */
async function quietStages(): Promise<string> {
  const path = new URL('../../infra/local/kubernetes/stages.yaml', import.meta.url)
  return parseAllDocuments(await readFile(path, 'utf8'))
    .map(document => document.toJS())
    .map(stage => {
      delete stage.spec.next.event
      if (stage.metadata.name === 'pod-runs') stage.spec.selector.matchExpressions.push(...neverRuns)
      return stage
    })
    .filter(stage => stage.metadata.name !== 'pod-crashes')
    .map(stage => stringify(stage, { aliasDuplicateObjects: false }))
    .join('---\n')
}

type Trimmable = { metadata: Record<string, unknown> & { uid: string }; kind?: string; spec?: unknown }

function trimmed(event: object): object {
  const { metadata, ...rest } = event as Trimmable
  const { managedFields: _, ...kept } = metadata
  return { ...rest, metadata: kept }
}

/** Who an object is, whose, and where: what its events do not tell. */
function bare(object: object): object {
  const { kind, apiVersion, metadata, spec } = object as Trimmable & { apiVersion?: string }
  const names = [
    'name',
    'namespace',
    'uid',
    'labels',
    'ownerReferences',
    'creationTimestamp',
    'deletionTimestamp',
  ]
  const { nodeName, volumes, volumeName, storageClassName } = (isObject(spec) ? spec : {}) as Record<
    string,
    unknown
  >
  const claims = Array.isArray(volumes) ? volumes.filter(volume => 'persistentVolumeClaim' in volume) : []
  return {
    ...{ kind, apiVersion },
    metadata: Object.fromEntries(names.flatMap(name => (name in metadata ? [[name, metadata[name]]] : []))),
    spec: { nodeName, volumeName, storageClassName, ...(claims.length > 0 && { volumes: claims }) },
  }
}
