import type { Work } from '../executor.ts'
import { type At, containerOf, mountsOf } from './container.ts'
import { filesOf } from './files.ts'
import { annotations, jobName, labelsOf, ownerOf, secretName } from './names.ts'
import type { Allowed } from './world.ts'

/** Later than the run's deadline, in seconds: a Job that ends itself takes its pods along, and what they said. */
const net = 120
/** As long as the order to look at an ended Job can wait for us, in seconds. */
const kept = 86_400

/** The Job that runs the steps at one place, one container after the other. */
export function jobOf(at: At, { work, allowed, now }: { work: Work; allowed: Allowed; now: Date }) {
  const { run } = work
  const left = Math.ceil((work.deadline.getTime() - now.getTime()) / 1000)
  const podLabels = labelsOf(run)
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: jobName(run, at.place.name),
      namespace: run.metadata.namespace,
      labels: podLabels,
      annotations: {
        [annotations.place]: at.place.name,
        [annotations.places]: String(work.at.length),
        [annotations.steps]: JSON.stringify(at.steps.map(({ name }) => name)),
      },
      ownerReferences: [ownerOf(run)],
    },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: Math.max(left, 0) + net,
      ttlSecondsAfterFinished: kept,
      template: { metadata: { labels: podLabels }, spec: podOf(at, work, allowed) },
    },
  }
}

function podOf(at: At, work: Work, allowed: Allowed) {
  const containers = at.steps.map((step, index) => containerOf(step, { index, at, work, allowed }))
  const onHost = work.task.spec.privileged
  return {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 5,
    enableServiceLinks: false,
    automountServiceAccountToken: allowed.serviceAccount !== undefined,
    ...(allowed.serviceAccount !== undefined && { serviceAccountName: allowed.serviceAccount }),
    ...(onHost && { hostPID: true, hostNetwork: true, hostIPC: true, dnsPolicy: 'ClusterFirstWithHostNet' }),
    ...(at.place.name !== '' && onlyOn(at.place.name)),
    // Of containers that are to run one after the other the last may be no init container.
    initContainers: containers.slice(0, -1),
    containers: containers.slice(-1),
    volumes: [
      { name: 'steps', secret: { secretName: secretName(work.run), items: itemsOf(at, onHost) } },
      { name: 'shared', emptyDir: { sizeLimit: '64Mi' } },
      ...mountsOf(work).map(({ name, volume }) => ({ name, ...volume })),
    ],
  }
}

// Whoever names a node means it, be it cordoned or tainted.
const onlyOn = (node: string) => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }],
      },
    },
  },
  tolerations: [{ operator: 'Exists' }],
})

const itemsOf = ({ steps }: At, onHost: boolean) =>
  filesOf(steps, { onHost }).flatMap(({ script, wrapper }, index) => [
    { key: script.key, path: String(index + 1) },
    { key: wrapper.key, path: `${index + 1}.sh` },
  ])
