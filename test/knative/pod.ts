import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { startChild } from '../../infra/local/child.ts'
import { waitForLock } from '../../infra/local/lock.ts'
import { freePorts } from '../../infra/local/ports.ts'
import { cacheFolder } from '../../infra/local/programs/cache.ts'
import { provideKnative } from '../../infra/local/programs/knative.ts'
import { until } from '../../infra/local/until.ts'

const probe = z.strictObject({ httpGet: z.strictObject({ path: z.string() }) })
const Service = z.object({
  spec: z.object({
    template: z.object({
      spec: z.object({
        containerConcurrency: z.number(),
        timeoutSeconds: z.number(),
        responseStartTimeoutSeconds: z.number(),
        containers: z.tuple([z.object({ readinessProbe: probe })]),
      }),
    }),
  }),
})

const specOf = (name: string) =>
  Service.parse(parse(readFileSync(`knative/base/${name}.yaml`, 'utf8'))).spec.template.spec

/** Where the kubelet asks the proxy to wait for its last request. */
const admin = 'http://127.0.0.1:8022'

/** That port, 9090 and 9091 are set in the proxy: one pod at a time, whoever runs tests on this machine. */
async function ourTurn() {
  const folder = join(cacheFolder(), 'queue-proxy')
  await mkdir(folder, { recursive: true })
  return waitForLock(folder, held =>
    console.error(`Process ${held} has queue-proxy's ports, waiting for it …`),
  )
}

/** A pod of one of our Knative Services: its function, and Knative's own proxy in front, told what the manifest says. */
export async function startPod(name: string, { file, env }: { file: string; env: NodeJS.ProcessEnv }) {
  const knative = await provideKnative('serving')
  const [port = 0, tls = 0, user = 0] = await freePorts(3)
  const spec = specOf(name)
  const path = spec.containers[0].readinessProbe.httpGet.path
  const turn = await ourTurn()
  const proxy = await startChild(knative.path('queue'), [], {
    env: {
      ...process.env,
      ...{ SERVING_NAMESPACE: 'ops-system', SERVING_SERVICE: name, SERVING_CONFIGURATION: name },
      ...{ SERVING_REVISION: `${name}-00001`, SERVING_POD: `${name}-00001-pod`, SERVING_POD_IP: '127.0.0.1' },
      ...{ QUEUE_SERVING_PORT: `${port}`, QUEUE_SERVING_TLS_PORT: `${tls}`, USER_PORT: `${user}` },
      CONTAINER_CONCURRENCY: String(spec.containerConcurrency),
      REVISION_TIMEOUT_SECONDS: String(spec.timeoutSeconds),
      REVISION_RESPONSE_START_TIMEOUT_SECONDS: String(spec.responseStartTimeoutSeconds),
      SERVING_READINESS_PROBE: JSON.stringify({
        httpGet: { path, port: user, host: '127.0.0.1', scheme: 'HTTP' },
        successThreshold: 1,
      }),
      ...{ SERVING_LOGGING_CONFIG: '', SERVING_LOGGING_LEVEL: 'info' },
    },
  })
  void proxy.exited.then(turn.release)
  const url = `http://127.0.0.1:${port}`
  const asProbe = { 'user-agent': 'kube-probe/1.36', 'k-network-probe': 'queue' }
  /** The proxy holds a probe until the function is ready, for ten seconds. */
  const probed = () =>
    fetch(url, { headers: asProbe }).then(
      ({ status }) => status,
      () => undefined,
    )
  await until('the proxy to answer', proxy, () => fetch(url).catch(() => undefined))
  const startFunction = () => startChild(process.execPath, [file], { env: { ...env, PORT: String(user) } })
  return {
    ...{ url, proxy, probed, startFunction },
    /** As the kubelet does before it tells the function: resolves when the proxy has served its last request. */
    drained: () => fetch(`${admin}/wait-for-drain`),
  }
}
