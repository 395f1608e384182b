import type { OpsEvent } from './event.ts'
import { isObject } from './json.ts'

/** A trouble and its end, by the reasons of Kubernetes' events; `says` where a reason has more than one meaning. */
type Pair = {
  kind: string
  /** Names the trouble: what more than one reason tells of is one. */
  trouble: string
  raises: string[]
  ends: string[]
  says?: RegExp
  /** Is it the trouble of one container, named in the event's fieldPath? */
  container?: true
}

/**
 * Which events end which trouble. The reasons are those of Kubernetes:
 *
 *   node        pkg/controller/util/node, pkg/kubelet/events/event.go, pkg/kubelet/kubelet_node_status.go
 *   scheduling  pkg/scheduler/schedule_one.go
 *   volumes     pkg/kubelet/events/event.go, pkg/controller/volume/events/event.go
 *   images      pkg/kubelet/images/image_manager.go
 *   pods of …   pkg/controller/controller_utils.go, pkg/controller/statefulset
 *   services    k8s.io/cloud-provider/controllers/service
 *
 * A container that is restarted again and again (`BackOff`, "Back-off restarting failed container") is not here: it
 * says `Started` before every crash, and nothing says that it stayed up.
 */
const pairs: Pair[] = [
  { kind: 'Node', trouble: 'ready', raises: ['NodeNotReady'], ends: ['NodeReady'] },
  { kind: 'Node', trouble: 'disk', raises: ['NodeHasDiskPressure'], ends: ['NodeHasNoDiskPressure'] },
  {
    kind: 'Node',
    trouble: 'memory',
    raises: ['NodeHasInsufficientMemory'],
    ends: ['NodeHasSufficientMemory'],
  },
  { kind: 'Node', trouble: 'pid', raises: ['NodeHasInsufficientPID'], ends: ['NodeHasSufficientPID'] },
  { kind: 'Node', trouble: 'schedulable', raises: ['NodeNotSchedulable'], ends: ['NodeSchedulable'] },
  { kind: 'Pod', trouble: 'scheduling', raises: ['FailedScheduling'], ends: ['Scheduled'] },
  {
    kind: 'Pod',
    trouble: 'attach',
    raises: ['FailedAttachVolume'],
    ends: ['SuccessfulAttachVolume', 'SuccessfulMountVolume', 'Started'],
  },
  // A container starts only when all its volumes are mounted.
  {
    kind: 'Pod',
    trouble: 'mount',
    raises: ['FailedMount', 'FailedMapVolume'],
    ends: ['SuccessfulMountVolume', 'Started'],
  },
  {
    kind: 'Pod',
    trouble: 'sandbox',
    raises: ['FailedCreatePodSandBox'],
    ends: ['Pulling', 'Pulled', 'Created', 'Started'],
  },
  {
    kind: 'Pod',
    trouble: 'image',
    raises: ['Failed', 'BackOff', 'ErrImagePull', 'ImagePullBackOff', 'ErrImageNeverPull', 'InspectFailed'],
    ends: ['Pulled', 'Started'],
    says: /pull|image/i,
    container: true,
  },
  {
    kind: 'Pod',
    trouble: 'start',
    raises: ['Failed'],
    ends: ['Started'],
    says: /^(?!.*(pull|image))/is,
    container: true,
  },
  {
    kind: 'Pod',
    trouble: 'health',
    raises: ['Unhealthy'],
    ends: ['Started', 'Ready', 'Healthy'],
    container: true,
  },
  {
    kind: 'PersistentVolumeClaim',
    trouble: 'provisioning',
    raises: ['ProvisioningFailed'],
    ends: ['ProvisioningSucceeded'],
  },
  {
    kind: 'PersistentVolumeClaim',
    trouble: 'resize',
    raises: ['VolumeResizeFailed', 'FileSystemResizeFailed'],
    ends: ['VolumeResizeSuccessful', 'FileSystemResizeSuccessful'],
  },
  ...['ReplicaSet', 'ReplicationController', 'StatefulSet', 'DaemonSet', 'Job'].map(kind => ({
    kind,
    trouble: 'create',
    raises: ['FailedCreate'],
    ends: ['SuccessfulCreate'],
  })),
  {
    kind: 'HorizontalPodAutoscaler',
    trouble: 'rescale',
    raises: ['FailedRescale'],
    ends: ['SuccessfulRescale'],
  },
  {
    kind: 'Service',
    trouble: 'loadbalancer',
    raises: ['SyncLoadBalancerFailed'],
    ends: ['EnsuredLoadBalancer'],
  },
]

/** The first of the reasons that tell of a trouble, by its own name: what an alert about it is called. */
export const firstReason = (trouble: string): string | undefined =>
  pairs.find(pair => pair.trouble === trouble)?.raises[0]

/** What an event says about troubles: those that it tells of and those that it ends, each by the same name. */
export type Turn = { raises: string[]; ends: string[] }

/** Reads it, from Kubernetes' events, findings and heartbeats; undefined for an event that says nothing of the kind. */
export function turnOf(event: OpsEvent): Turn | undefined {
  // Own rows only: a type may be called "constructor".
  const read = Object.hasOwn(readers, event.type) ? readers[event.type] : undefined
  return isObject(event.data) ? read?.(event, event.data) : undefined
}

type Reader = (event: OpsEvent, data: Record<string, unknown>) => Turn | undefined

const readers: Record<string, Reader> = {
  Kube(event, data) {
    // Kubernetes forgets an event after an hour: that it is gone says nothing about what it told of.
    if (data.operation === 'DELETED') return undefined
    const rows = byReason.get(text(data.reason))?.filter(pair => pair.kind === data.kind) ?? []
    const names = (which: Pair[]) =>
      which.map(({ trouble, container }) =>
        nameOf(objectOf(event), trouble, container ? text(data.fieldPath) : ''),
      )
    const raises = rows.filter(
      pair => pair.raises.includes(text(data.reason)) && (pair.says?.test(text(data.message)) ?? true),
    )
    const ends = rows.filter(pair => pair.ends.includes(text(data.reason)))
    return turn(names(raises), names(ends))
  },
  TaskRunReport: (event, data) =>
    byWord(
      nameOf(text(data.cluster) || text(event.cluster), text(data.host), withoutSuffix(text(data.kind))),
      text(data.status),
      { raises: 'alerting', ends: 'normal' },
    ),
  Host: heartbeat,
  Cluster: heartbeat,
}

function heartbeat(event: OpsEvent, data: Record<string, unknown>): Turn | undefined {
  const status = isObject(data.status) ? text(data.status.heartStatus) : ''
  return byWord(nameOf(objectOf(event), 'heart'), status, { raises: 'failed', ends: 'successed' })
}

const byWord = (name: string, word: string, words: { raises: string; ends: string }): Turn | undefined =>
  turn(word.toLowerCase() === words.raises ? [name] : [], word.toLowerCase() === words.ends ? [name] : [])

const turn = (raises: string[], ends: string[]): Turn | undefined =>
  raises.length + ends.length > 0 ? { raises, ends } : undefined

const nameOf = (...parts: string[]) => JSON.stringify(parts)
const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** The object that a subject is about: all but the observation. */
const objectOf = ({ subject = '' }: OpsEvent) => subject.slice(0, Math.max(subject.lastIndexOf('.'), 0))

// Runs that a schedule makes are named by Kubernetes: their kinds differ in the five letters that it adds to a name.
const withoutSuffix = (kind: string) => kind.replace(/-[bcdfghjklmnpqrstvwxz2456789]{5}$/, '')

const byReason = new Map<string, Pair[]>()
for (const pair of pairs) {
  for (const reason of new Set([...pair.raises, ...pair.ends])) {
    byReason.set(reason, [...(byReason.get(reason) ?? []), pair])
  }
}
