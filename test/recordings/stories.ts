import { setTimeout as pause } from 'node:timers/promises'
import { takeDown } from '../../infra/local/kubernetes/kubectl.ts'
import { claim, daemonSet, deployment, namespace, statefulSet, template, volumeOf } from './objects.ts'
import type { Stage, Story } from './stage.ts'

const eviction = (seconds: number) =>
  ['not-ready', 'unreachable'].map(key => ({
    ...{
      key: `node.kubernetes.io/${key}`,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: seconds,
    },
  }))

const image = (kind: string, name: string, value: string) => [
  'set',
  'image',
  '-n',
  'shop',
  `${kind}/${name}`,
  value,
]

/** What is recorded, by the name of its file. */
export const stories: Record<string, Story> = {
  rollout: {
    async play({ cluster, apply, until }) {
      await apply(namespace('shop'))
      await apply(deployment('web', { replicas: 4 }), statefulSet('db', { replicas: 2 }), daemonSet('agent'))
      await until('Started', 9)
      await cluster.kubectl(image('deployment', 'web', 'web=registry.example.com/web:1.5.0'))
      await until('Started', 13)
      await cluster.kubectl(['scale', '-n', 'shop', 'deployment/web', '--replicas=6'])
      await until('Started', 15)
      await cluster.kubectl(image('statefulset', 'db', 'db=registry.example.com/db:2.0.0'))
      await cluster.kubectl(image('daemonset', 'agent', 'agent=registry.example.com/agent:2.0.0'))
      await until('Started', 20)
      await cluster.kubectl(['scale', '-n', 'shop', 'deployment/web', '--replicas=1'])
      await pause(3_000)
    },
  },
  'image-not-found': {
    async play({ cluster, apply, until }) {
      await apply(namespace('shop'))
      const images = [
        'registry.example.com/cart:1.2.3',
        'registry.example.com/cart:1.2.4',
        'ghcr.io/acme/cart:latest',
      ]
      for (const [index, image] of images.entries()) {
        await apply(deployment(`cart-${index}`, { image, kubelet: 'image-missing', replicas: 2 }))
      }
      await until('BackOff', 18)
      await cluster.kubectl(image('deployment', 'cart-0', 'cart-0=registry.example.com/cart:1.2.2'))
      await apply(deployment('cart-0', { image: 'registry.example.com/cart:1.2.2', kubelet: 'runs' })).catch(
        () => {},
      )
      await pause(3_000)
    },
  },
  'crash-loop': {
    async play({ apply, until }) {
      await apply(namespace('shop'))
      await apply(
        deployment('payments', { kubelet: 'crashes', replicas: 2 }),
        deployment('search', { kubelet: 'fails-probes', replicas: 2 }),
        deployment('mail', { kubelet: 'no-config' }),
        deployment('chat', { kubelet: 'no-sandbox' }),
      )
      await until('BackOff', 6)
      await until('Killing', 2)
      await until('SandboxChanged')
      await pause(3_000)
    },
  },
  'node-failure': {
    async play({ cluster, kubelet, apply, until, pods, silence }) {
      await apply(namespace('shop'), namespace('bank'))
      const pod = { tolerations: eviction(5) }
      await apply(
        deployment('web', { replicas: 4, pod }),
        deployment('cart', { replicas: 3, pod }),
        deployment('ledger', { replicas: 3, pod, namespace: 'bank' }),
        deployment('teller', { replicas: 2, pod, namespace: 'bank' }),
      )
      await until('Started', 12)
      await pause(5_000)
      silence('node-2')
      const lost = pods().filter(({ spec }) => spec.nodeName === 'node-2')
      await takeDown(cluster, 'node-2')
      await until('NodeNotReady')
      await until('TaintManagerEviction', lost.length)
      await until('Started', 12 + lost.length)
      await pause(5_000)
      await cluster.kubectl(['label', 'node', 'node-2', 'type=kwok'])
      await kubelet.sayOfNode('node-2', { reason: 'Starting', message: 'Starting kubelet.' })
      for (const message of [
        ['NodeHasSufficientMemory', 'Node node-2 status is now: NodeHasSufficientMemory'],
        ['NodeReady', 'Node node-2 status is now: NodeReady'],
      ] as const) {
        await kubelet.sayOfNode('node-2', { reason: message[0], message: message[1] })
      }
      for (const gone of lost) {
        const [container] = gone.spec.containers
        const message = `Stopping container ${container?.name}`
        await kubelet.say(gone, { reason: 'Killing', message, container: container?.name ?? '' })
      }
    },
  },
  'node-pressure': {
    async play({ cluster, kubelet, apply, until, pods }) {
      await apply(namespace('shop'))
      await apply(deployment('web', { replicas: 3 }))
      await until('Started', 3)
      const node = pods()[0]?.spec.nodeName ?? 'node-1'
      const all = pods().filter(({ spec }) => spec.nodeName === node)
      const warning = { type: 'Warning' } as const
      const tell = (reason: string, message: string) =>
        kubelet.sayOfNode(node, { ...warning, reason, message })
      await tell(
        'ImageGCFailed',
        'Failed to garbage collect required amount of images. Attempted to free 3221225472 bytes, but only found 0 bytes eligible to free.',
      )
      await tell(
        'FreeDiskSpaceFailed',
        'Failed to garbage collect required amount of images. Attempted to free 3221225472 bytes, but only found 0 bytes eligible to free.',
      )
      await kubelet.sayOfNode(node, {
        reason: 'NodeHasDiskPressure',
        message: `Node ${node} status is now: NodeHasDiskPressure`,
      })
      await tell('EvictionThresholdMet', 'Attempting to reclaim ephemeral-storage')
      await cluster.kubectl([
        'taint',
        'node',
        node,
        'node.kubernetes.io/disk-pressure=:NoSchedule',
        '--overwrite',
      ])
      for (const pod of all) {
        const message =
          'The node was low on resource: ephemeral-storage. Threshold quantity: 10Gi, available: 8Gi. '
        await kubelet.say(pod, { ...warning, reason: 'Evicted', message })
        await cluster.kubectl(['delete', 'pod', '-n', 'shop', pod.metadata.name, '--wait=false'])
      }
      await tell('SystemOOM', 'System OOM encountered, victim process: java, pid: 21973')
      const about = { kind: 'Node', apiVersion: 'v1', name: node, uid: node }
      await kubelet.sayAs('kernel-monitor', about, {
        ...{ ...warning, reason: 'OOMKilling' },
        message:
          'Memory cgroup out of memory: Killed process 21973 (java) total-vm:4823864kB, anon-rss:2097152kB',
      })
      await tell('Rebooted', `Node ${node} has been rebooted, boot id: 4f1c1d5e-6f3f-4f0e-9d53-6a1c`)
      await cluster.kubectl(['cordon', node])
      await kubelet.sayOfNode(node, {
        reason: 'NodeNotSchedulable',
        message: `Node ${node} status is now: NodeNotSchedulable`,
      })
      await cluster.kubectl(['uncordon', node])
      await pause(4_000)
    },
  },
  unschedulable: {
    async play({ cluster, kubelet, apply, until, pods }) {
      await apply(namespace('shop'))
      const wants = (cpu: string) => ({
        containers: [{ name: 'app', image: 'registry.example.com/app:1', resources: { requests: { cpu } } }],
      })
      await apply(
        {
          apiVersion: 'scheduling.k8s.io/v1',
          kind: 'PriorityClass',
          metadata: { name: 'urgent' },
          value: 100000,
        },
        deployment('batch', { replicas: 3, pod: wants('30') }),
      )
      await until('Scheduled', 3)
      await apply(
        deployment('huge', { replicas: 2, pod: wants('64') }),
        deployment('picky', { pod: { nodeSelector: { disk: 'ssd' } } }),
      )
      await until('FailedScheduling', 3)
      await apply(deployment('urgent', { pod: { ...wants('20'), priorityClassName: 'urgent' } }))
      await until('Preempted')
      for (const { metadata } of pods().filter(({ spec }) => !spec.nodeName)) {
        const { name, namespace, uid } = metadata
        const about = { kind: 'Pod', apiVersion: 'v1', namespace, name, uid }
        const message =
          "pod didn't trigger scale-up: 1 max node group size reached, 1 node(s) didn't match Pod's node affinity/selector"
        await kubelet.sayAs('cluster-autoscaler', about, { reason: 'NotTriggerScaleUp', message })
      }
      await cluster.kubectl(['label', 'node', 'node-1', 'disk=ssd'])
      await pause(5_000)
    },
  },
  volume: { nodes: 5, play: volume },
  claims: {
    async play({ apply, until }) {
      await apply(namespace('shop'))
      await apply(
        claim('nobodys', ''),
        claim('unknown-class', 'none-such'),
        deployment('waiting', { pod: volumeOf('nobodys') }),
      )
      await until('FailedBinding')
      await until('ProvisioningFailed')
      await until('FailedScheduling')
    },
  },
  jobs: {
    async play({ cluster, apply, until }) {
      await apply(namespace('shop'))
      const fails = {
        containers: [
          { name: 'app', image: 'registry.example.com/job:1', env: [{ name: 'KWOK_FAILS', value: 'app' }] },
        ],
      }
      const hangs = {
        containers: [
          { name: 'app', image: 'registry.example.com/job:1', env: [{ name: 'KWOK_HANGS', value: 'yes' }] },
        ],
      }
      const job = (name: string, spec: object, pod: object = {}) => ({
        ...{ apiVersion: 'batch/v1', kind: 'Job', metadata: { name, namespace: 'shop' } },
        spec: { ...spec, template: template(name, { pod: { restartPolicy: 'Never', ...pod } }) },
      })
      const cron = (name: string, spec: object, pod: object = {}) => ({
        ...{ apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name, namespace: 'shop' } },
        spec: {
          schedule: '* * * * *',
          ...spec,
          jobTemplate: { spec: { template: template(name, { pod: { restartPolicy: 'Never', ...pod } }) } },
        },
      })
      await apply(
        job('report', {}),
        job('import', { backoffLimit: 1 }, fails),
        job('export', { activeDeadlineSeconds: 6 }, hangs),
        job('paused', { suspend: true }),
        cron('cleanup', { successfulJobsHistoryLimit: 1 }),
        cron('backup', { concurrencyPolicy: 'Forbid' }, hangs),
        cron('mirror', { concurrencyPolicy: 'Replace' }, hangs),
      )
      await until('BackoffLimitExceeded')
      await until('DeadlineExceeded')
      await cluster.kubectl(['patch', '-n', 'shop', 'job/paused', '-p', '{"spec":{"suspend":false}}'])
      await until('JobAlreadyActive')
      await until('SawCompletedJob', 2)
      await pause(3_000)
    },
  },
  autoscaling: {
    async play({ apply, until }) {
      await apply(namespace('shop'))
      const hpa = (name: string, target: string) => ({
        ...{
          apiVersion: 'autoscaling/v2',
          kind: 'HorizontalPodAutoscaler',
          metadata: { name, namespace: 'shop' },
        },
        spec: {
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: target },
          ...{ minReplicas: 3, maxReplicas: 6 },
          metrics: [
            {
              type: 'Resource',
              resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } },
            },
          ],
        },
      })
      const budget = (name: string, app: string, minAvailable: number | string) => ({
        ...{ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name, namespace: 'shop' } },
        spec: { minAvailable, selector: { matchLabels: { app } } },
      })
      await apply(
        deployment('web', { replicas: 1, pod: {} }),
        hpa('web', 'web'),
        hpa('nobody', 'nobody'),
        budget('web', 'web', 1),
        budget('nobody', 'nobody', '50%'),
        {
          ...{
            apiVersion: 'v1',
            kind: 'Pod',
            metadata: { name: 'lone', namespace: 'shop', labels: { app: 'lone' } },
          },
          spec: { containers: [{ name: 'lone', image: 'registry.example.com/lone:1' }] },
        },
        budget('lone', 'lone', '50%'),
      )
      await until('SuccessfulRescale')
      await until('FailedGetResourceMetric', 2)
      await until('FailedGetScale', 2)
      await pause(3_000)
    },
  },
  quota: {
    async play({ cluster, apply, until }) {
      await apply(
        namespace('shop'),
        namespace('vault', { 'pod-security.kubernetes.io/enforce': 'restricted' }),
      )
      await apply(
        {
          apiVersion: 'v1',
          kind: 'ResourceQuota',
          metadata: { name: 'pods', namespace: 'shop' },
          spec: { hard: { pods: '2' } },
        },
        deployment('web', { replicas: 4 }),
        deployment('root', { namespace: 'vault' }),
        deployment('lost', { pod: { serviceAccountName: 'nobody' } }),
        daemonSet('agent', { namespace: 'vault' }),
        statefulSet('db', { namespace: 'vault' }),
      )
      await until('FailedCreate', 12)
      await cluster.kubectl(['delete', 'resourcequota', '-n', 'shop', 'pods'])
      await pause(8_000)
    },
  },
  network: {
    async play({ kubelet, apply, until, pods }) {
      await apply(namespace('shop'))
      const service = (name: string, spec: object) => ({
        ...{ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'shop' } },
        spec: { selector: { app: name }, ports: [{ port: 80 }], ...spec },
      })
      await apply(
        deployment('web', { replicas: 2 }),
        service('web', {}),
        service('edge', { type: 'LoadBalancer' }),
      )
      await until('Started', 2)
      const node = pods()[0]?.spec.nodeName ?? 'node-1'
      const about = { kind: 'Service', apiVersion: 'v1', namespace: 'shop', name: 'edge', uid: 'edge' }
      await kubelet.sayAs('service-controller', about, {
        reason: 'EnsuringLoadBalancer',
        message: 'Ensuring load balancer',
      })
      const message = 'Error syncing load balancer: failed to ensure load balancer: quota exceeded'
      await kubelet.sayAs('service-controller', about, {
        type: 'Warning',
        reason: 'SyncLoadBalancerFailed',
        message,
      })
      await kubelet.sayOfNode(node, { reason: 'Starting', message: '' })
      for (const pod of pods().slice(0, 2)) {
        const message =
          'network is not ready: container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:cni plugin not initialized'
        await kubelet.say(pod, { type: 'Warning', reason: 'NetworkNotReady', message })
        const dns =
          'Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 10.0.0.1 10.0.0.2 10.0.0.3'
        await kubelet.say(pod, { type: 'Warning', reason: 'DNSConfigForming', message: dns })
      }
      await pause(2_000)
    },
  },
}

/** Thirty services whose storage fails now and then: mounts time out, and then their pods are restarted. */
async function volume({ cluster, kubelet, apply, until, pods }: Stage): Promise<void> {
  const spaces = ['shop', 'bank', 'mail']
  await apply(
    ...spaces.map(name => namespace(name)),
    ...['Immediate', 'WaitForFirstConsumer'].map(volumeBindingMode => ({
      ...{ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', volumeBindingMode },
      ...{ metadata: { name: volumeBindingMode.toLowerCase() }, provisioner: 'disk.csi.example.com' },
    })),
    {
      ...{ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'gone' } },
      provisioner: 'kubernetes.io/portworx-volume',
    },
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'by-hand' },
      provisioner: 'kubernetes.io/no-provisioner',
    },
  )
  await apply(
    ...['immediate', 'waitforfirstconsumer', 'gone', 'by-hand', 'none-such'].map(name =>
      claim(`unbound-${name}`, name),
    ),
    deployment('waiting', { pod: volumeOf('unbound-by-hand') }),
    deployment('first', { pod: volumeOf('unbound-waitforfirstconsumer') }),
  )
  const names = Array.from({ length: 30 }, (_, index) => `service-${index + 1}`)
  for (const [index, name] of names.entries()) {
    const space = spaces[index % spaces.length] ?? 'shop'
    await apply(
      {
        ...{ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: `pv-${name}` } },
        spec: {
          ...{ capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], storageClassName: 'made' },
          ...{ claimRef: { namespace: space, name: `data-${name}` }, hostPath: { path: `/data/${name}` } },
        },
      },
      claim(`data-${name}`, 'made', space),
    )
  }
  await pause(3_000)
  for (const [index, name] of names.entries()) {
    await apply(
      deployment(name, {
        namespace: spaces[index % spaces.length] ?? 'shop',
        // Of three services two are hit.
        kubelet: index % 3 === 2 ? 'runs' : 'loses-volume',
        annotations: { volume: `pv-${name}` },
        pod: volumeOf(`data-${name}`),
      }),
    )
  }
  await until('Started', 30)
  await until('ProvisioningFailed')
  for (const { metadata } of pods()
    .filter(pod => pod.metadata.labels?.kubelet === 'loses-volume')
    .slice(0, 6)) {
    const { name, namespace, uid } = metadata
    const volume = metadata.annotations?.volume
    const message = `AttachVolume.Attach failed for volume "${volume}" : timed out waiting for external-attacher of disk.csi.example.com CSI driver to attach volume 0001-${volume}`
    const about = { kind: 'Pod', apiVersion: 'v1', namespace, name, uid }
    await kubelet.sayAs('attachdetach-controller', about, {
      type: 'Warning',
      reason: 'FailedAttachVolume',
      message,
    })
  }
  await until('BackOff', 40)
  await cluster.kubectl(['delete', 'pvc', '-n', 'shop', 'unbound-gone', '--wait=false'])
  await pause(4_000)
}
