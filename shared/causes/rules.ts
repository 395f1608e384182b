import type { CauseRule, Match } from './rule.ts'

// Reasons are those of Kubernetes' own components: pkg/kubelet/events/event.go, pkg/controller (node lifecycle, taint
// eviction, volume), the scheduler's framework, the autoscalers of kubernetes/autoscaler, node-problem-detector.

const nodeTrouble: Match = {
  kinds: ['Node'],
  reasons: [
    ...['NodeNotReady', 'NodeNotSchedulable', 'NodeHasDiskPressure', 'NodeHasInsufficientMemory'],
    ...['NodeHasInsufficientPID', 'EvictionThresholdMet', 'FreeDiskSpaceFailed', 'ContainerGCFailed'],
    ...['Rebooted', 'Shutdown', 'NodeShutdown', 'SystemOOM', 'OOMKilling', 'TaskHung', 'KernelOops'],
    ...['FilesystemIsReadOnly', 'DockerHung', 'KubeletUnhealthy', 'ContainerdUnhealthy'],
    ...['DeletingNode', 'RemovingNode', 'DeletingAllPods', 'ScaleDown', 'DisruptionTerminating'],
  ],
  least: 'error',
}
const podOnNode: Match = {
  kinds: ['Pod'],
  reasons: [
    ...['NodeNotReady', 'TaintManagerEviction', 'Evicted', 'Killing', 'SandboxChanged', 'NodeShutdown'],
    ...['ScaleDown', 'TerminationByKubelet', 'ExceededGracePeriod'],
  ],
  least: 'warning',
}
const volumeTrouble = { categories: ['volume'], least: 'warning' } as const
const mountFailed: Match = {
  kinds: ['Pod'],
  reasons: ['FailedMount', 'FailedAttachVolume', 'FailedMapVolume', 'FailedScheduling'],
  ...volumeTrouble,
}
const unmounted: Match = {
  kinds: ['Pod'],
  reasons: ['FailedMount', 'FailedAttachVolume', 'FailedMapVolume'],
  ...volumeTrouble,
}
const pod = (...reasons: string[]): Match => ({ kinds: ['Pod'], reasons })
const evicted = ['TaintManagerEviction', 'Evicted', 'Preempted', 'NodeNotReady']
const minutes = 60

/** What follows from what, seen between different roots and kept as links. */
const between: CauseRule[] = [
  {
    name: 'node-trouble',
    because: 'the pod was on a node that had trouble',
    ...{ cause: nodeTrouble, effect: podOnNode, by: 'node', within: 10 * minutes, slack: 30 },
  },
  {
    name: 'claim-trouble',
    because: 'the pod mounts a claim that had trouble',
    cause: {
      kinds: ['PersistentVolumeClaim'],
      reasons: ['ProvisioningFailed', 'FailedBinding', 'ClaimLost', 'VolumeResizeFailed'],
      ...volumeTrouble,
    },
    ...{ effect: mountFailed, by: 'claim', within: 10 * minutes, slack: 30 },
  },
  {
    name: 'volume-trouble',
    because: 'the pod mounts a volume that had trouble',
    cause: { kinds: ['PersistentVolume', 'PersistentVolumeClaim', 'VolumeAttachment'], ...volumeTrouble },
    ...{ effect: mountFailed, by: 'volume', within: 10 * minutes, slack: 30 },
  },
  {
    name: 'rescaled',
    because: 'the autoscaler of the same name asked for it',
    cause: { kinds: ['HorizontalPodAutoscaler'], reasons: ['SuccessfulRescale'] },
    effect: { kinds: ['Deployment', 'StatefulSet', 'ReplicaSet'], reasons: ['ScalingReplicaSet'] },
    ...{ by: 'name', within: minutes, slack: 10 },
  },
  {
    name: 'preempted',
    because: 'it made room for a pod of higher priority',
    ...{ cause: pod('FailedScheduling'), effect: pod('Preempted') },
    ...{ by: 'preemptor', within: minutes, slack: 30 },
  },
]

/** What follows from what within one root, found when a story is read. */
const inside: CauseRule[] = [
  {
    name: 'attach-mount',
    because: 'a volume that is not attached cannot be mounted',
    cause: pod('FailedAttachVolume'),
    effect: pod('FailedMount', 'FailedMapVolume'),
    ...{ by: 'object', within: 10 * minutes, slack: 5 },
  },
  {
    name: 'mount-restart',
    because: 'the pod could not mount its volumes before',
    cause: unmounted,
    effect: pod('Unhealthy', 'BackOff', 'Killing', 'Failed', 'FailedSync', 'Evicted'),
    ...{ by: 'object', within: 10 * minutes, slack: 5 },
  },
  {
    name: 'image-backoff',
    because: 'the image could not be pulled',
    cause: {
      ...pod('Failed', 'ErrImagePull', 'InspectFailed', 'ErrImageNeverPull', 'RegistryUnavailable'),
      says: /image/i,
    },
    effect: { ...pod('BackOff'), says: /image/i },
    ...{ by: 'object', within: 10 * minutes, slack: 5 },
  },
  {
    name: 'crash-backoff',
    because: 'its container failed, or was ended, before',
    cause: { ...pod('Failed', 'Unhealthy', 'OOMKilled', 'OOMKilling', 'Killing'), unless: /image/i },
    effect: { ...pod('BackOff'), says: /restarting/i },
    ...{ by: 'object', within: 10 * minutes, slack: 5 },
  },
  {
    name: 'probe-kill',
    because: 'its probe failed',
    cause: pod('Unhealthy'),
    effect: { ...pod('Killing'), says: /probe/i },
    ...{ by: 'object', within: 5 * minutes, slack: 5 },
  },
  {
    name: 'sandbox-restart',
    because: 'its network or sandbox could not be made',
    cause: pod('NetworkNotReady', 'FailedCreatePodSandBox'),
    effect: pod('SandboxChanged', 'BackOff', 'Killing'),
    ...{ by: 'object', within: 10 * minutes, slack: 5 },
  },
  {
    name: 'evicted-killed',
    because: 'the pod was told to go',
    cause: pod(...evicted),
    effect: pod('Killing', 'ExceededGracePeriod', 'FailedKillPod'),
    ...{ by: 'object', within: 10 * minutes, slack: 5 },
  },
  {
    name: 'replaced',
    because: 'a pod of the same owner went away',
    cause: pod(...evicted),
    effect: {
      kinds: ['ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job'],
      reasons: ['SuccessfulCreate', 'FailedCreate'],
    },
    ...{ by: 'root', within: 2 * minutes, slack: 5 },
  },
  {
    name: 'no-room',
    because: 'the pod found no node',
    cause: pod('FailedScheduling'),
    effect: pod('TriggeredScaleUp', 'NotTriggerScaleUp'),
    ...{ by: 'object', within: 10 * minutes, slack: 5 },
  },
  {
    name: 'scaled',
    because: 'its Deployment was scaled or rolled out',
    cause: { kinds: ['Deployment'], reasons: ['ScalingReplicaSet'] },
    effect: { kinds: ['ReplicaSet'], reasons: ['SuccessfulCreate', 'SuccessfulDelete', 'FailedCreate'] },
    ...{ by: 'root', within: 2 * minutes, slack: 2 },
  },
  {
    name: 'job-failed',
    because: 'its pods failed',
    cause: { kinds: ['Pod', 'Job'], reasons: ['BackOff', 'Failed', 'OOMKilled', 'Evicted', 'FailedCreate'] },
    effect: { kinds: ['Job'], reasons: ['BackoffLimitExceeded', 'DeadlineExceeded'] },
    ...{ by: 'root', within: 10 * minutes, slack: 5 },
  },
]

/** Each object's own events, its owner's events: they have one correlation already. */
const inner = ['object', 'root']

/** The rules of causes, all of them. What is not well-founded is left out: a wrong edge costs more than a missing one. */
export const causeRules: readonly CauseRule[] = [...between, ...inside]

/** Those whose causes and effects may be of different roots, so that they are looked for when events are stored. */
export const linkRules: readonly CauseRule[] = causeRules.filter(({ by }) => !inner.includes(by))
