import type { Kubelet, Pod } from './kubelet.ts'

/** What a kubelet says of a pod from when it got it, by the pod's label `kubelet`. Without one the pod just runs. */
export const behaviours: Record<string, (kubelet: Kubelet, pod: Pod) => Promise<void>> = {
  runs,
  'image-missing': imageMissing,
  crashes,
  'fails-probes': failsProbes,
  'waits-for-volume': waitsForVolume,
  'loses-volume': losesVolume,
  'no-sandbox': noSandbox,
  'no-config': noConfig,
}

async function runs({ say, wait }: Kubelet, pod: Pod): Promise<void> {
  for (const { name: container, image } of pod.spec.containers) {
    await say(pod, { reason: 'Pulling', message: `Pulling image "${image}"`, container })
    await wait(700)
    const took = '702ms (702ms including waiting)'
    const message = `Successfully pulled image "${image}" in ${took}. Image size: 72099410 bytes.`
    await say(pod, { reason: 'Pulled', message, container })
    await starts({ say }, pod, container)
  }
}

async function starts({ say }: Pick<Kubelet, 'say'>, pod: Pod, container: string): Promise<void> {
  await say(pod, { reason: 'Created', message: 'Container created', container })
  await say(pod, { reason: 'Started', message: 'Container started', container })
}

async function imageMissing({ say, wait }: Kubelet, pod: Pod): Promise<void> {
  const [{ name: container, image } = { name: 'app', image: '' }] = pod.spec.containers
  const why = `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`
  const warning = { type: 'Warning', reason: 'Failed', container } as const
  for (const pause of [2_000, 4_000, 8_000]) {
    await say(pod, { reason: 'Pulling', message: `Pulling image "${image}"`, container })
    await wait(400)
    await say(pod, { ...warning, message: `Failed to pull image "${image}": ${why}` })
    await say(pod, { ...warning, message: 'Error: ErrImagePull' })
    await wait(pause / 2)
    await say(pod, { reason: 'BackOff', message: `Back-off pulling image "${image}"`, container })
    await say(pod, { ...warning, message: 'Error: ImagePullBackOff' })
    await wait(pause / 2)
  }
}

const backOff = (pod: Pod, container: string) => ({
  type: 'Warning' as const,
  reason: 'BackOff',
  message: `Back-off restarting failed container ${container} in pod ${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`,
  container,
})

async function crashes(kubelet: Kubelet, pod: Pod): Promise<void> {
  const [{ name: container, image } = { name: 'app', image: '' }] = pod.spec.containers
  await runs(kubelet, pod)
  for (const pause of [1_000, 2_000, 4_000]) {
    await kubelet.wait(pause)
    const message = `Container image "${image}" already present on machine and can be accessed by the pod`
    await kubelet.say(pod, { reason: 'Pulled', message, container })
    await starts(kubelet, pod, container)
    await kubelet.wait(500)
    await kubelet.say(pod, backOff(pod, container))
  }
}

async function failsProbes(kubelet: Kubelet, pod: Pod): Promise<void> {
  const { say, wait } = kubelet
  const [{ name: container } = { name: 'app' }] = pod.spec.containers
  await runs(kubelet, pod)
  await wait(1_500)
  const warning = { type: 'Warning', reason: 'Unhealthy', container } as const
  const get = 'Get "http://10.244.1.7:8080/ready": dial tcp 10.244.1.7:8080: connect: connection refused'
  for (let round = 0; round < 3; round++) {
    await say(pod, { ...warning, message: `Readiness probe failed: ${get}` })
    await say(pod, { ...warning, message: 'Liveness probe failed: HTTP probe failed with statuscode: 500' })
    await wait(1_500)
  }
  const message = `Container ${container} failed liveness probe, will be restarted`
  await say(pod, { reason: 'Killing', message, container })
  await starts(kubelet, pod, container)
}

/** The volume of a pod that is not attached or mounted in time, again and again. */
async function mountFails({ say, wait }: Kubelet, pod: Pod, rounds: number): Promise<void> {
  const volume = pod.metadata.annotations?.volume ?? 'data'
  const warning = { type: 'Warning', reason: 'FailedMount' } as const
  const why = 'rpc error: code = DeadlineExceeded desc = context deadline exceeded'
  for (let round = 0; round < rounds; round++) {
    await say(pod, { ...warning, message: `MountVolume.SetUp failed for volume "${volume}" : ${why}` })
    await wait(2_500)
    await say(pod, {
      ...warning,
      message:
        'Unable to attach or mount volumes: unmounted volumes=[data], unattached volumes=[], failed to process volumes=[]: context deadline exceeded',
    })
    await wait(2_500)
  }
}

async function waitsForVolume(kubelet: Kubelet, pod: Pod): Promise<void> {
  await mountFails(kubelet, pod, 2)
  await runs(kubelet, pod)
}

/** It runs, then its volume times out, and it is killed for its probes and falls over until the volume is back. */
async function losesVolume(kubelet: Kubelet, pod: Pod): Promise<void> {
  const { say, wait } = kubelet
  const [{ name: container } = { name: 'app' }] = pod.spec.containers
  await runs(kubelet, pod)
  await wait(3_000 + Math.random() * 12_000)
  await mountFails(kubelet, pod, 2)
  const warning = { type: 'Warning', reason: 'Unhealthy', container } as const
  const output = 'command timed out: "stat /data/ready" timed out after 1s'
  for (let round = 0; round < 3; round++) {
    await say(pod, { ...warning, message: `Liveness probe failed: ${output}` })
    await wait(1_000)
  }
  const message = `Container ${container} failed liveness probe, will be restarted`
  await say(pod, { reason: 'Killing', message, container })
  await wait(500)
  await starts(kubelet, pod, container)
  for (const pause of [1_000, 3_000]) {
    await wait(pause)
    await say(pod, backOff(pod, container))
  }
  await starts(kubelet, pod, container)
}

async function noSandbox(kubelet: Kubelet, pod: Pod): Promise<void> {
  const { say, wait } = kubelet
  const why = `rpc error: code = Unknown desc = failed to setup network for sandbox "9f5e": plugin type="calico" failed (add): error getting ClusterInformation: connection is unauthorized: Unauthorized`
  const message = `Failed to create pod sandbox: ${why}`
  for (let round = 0; round < 3; round++) {
    await say(pod, { type: 'Warning', reason: 'FailedCreatePodSandBox', message })
    await wait(1_500)
  }
  const changed = 'Pod sandbox changed, it will be killed and re-created.'
  await say(pod, { reason: 'SandboxChanged', message: changed })
  await runs(kubelet, pod)
}

async function noConfig({ say, wait }: Kubelet, pod: Pod): Promise<void> {
  const [{ name: container, image } = { name: 'app', image: '' }] = pod.spec.containers
  for (let round = 0; round < 3; round++) {
    const present = `Container image "${image}" already present on machine and can be accessed by the pod`
    await say(pod, { reason: 'Pulled', message: present, container })
    const message = 'Error: configmap "settings" not found'
    await say(pod, { type: 'Warning', reason: 'Failed', message, container })
    await wait(1_500)
  }
}
