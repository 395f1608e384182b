import { z } from 'zod'
import { allProcesses, installed, type Process } from '../../../infra/install/secrets.ts'
import { type Manifest, manifestsOf } from '../../manifests.ts'

const Env = z.array(z.strictObject({ name: z.string(), value: z.string() })).default([])
const Named = z.strictObject({ name: z.string() })
const Container = z.looseObject({
  name: z.string(),
  env: Env,
  envFrom: z.array(z.strictObject({ configMapRef: Named.optional(), secretRef: Named.optional() })),
})
const Workload = z.looseObject({
  spec: z.looseObject({
    template: z.looseObject({ spec: z.looseObject({ containers: z.array(Container).length(1) }) }),
  }),
})
const ConfigMap = z.looseObject({ data: z.record(z.string(), z.string()) })

/** A process as an overlay has it: the variables that all share, its own, and the names of those in its Secret. */
export type Given = {
  process: Process
  settings: Record<string, string>
  own: Record<string, string>
  secret: string[]
}

/** The processes of an overlay. @throws Error where one takes its variables from elsewhere */
export async function processesOf(overlay: string): Promise<Given[]> {
  const objects = await manifestsOf(overlay)
  return objects.filter(isWorkload).map(object => {
    const [container] = Workload.parse(object).spec.template.spec.containers
    if (!container) throw new Error(`${object.metadata.name} has no container`)
    const process = z.enum(allProcesses).parse(container.name)
    const configMap = container.envFrom.flatMap(({ configMapRef }) => configMapRef?.name ?? [])
    const settings = objects.find(
      ({ kind, metadata }) => kind === 'ConfigMap' && configMap.includes(metadata.name),
    )
    const secrets = container.envFrom.flatMap(({ secretRef }) => secretRef?.name ?? [])
    if (secrets.join() !== installed[process].workload)
      throw new Error(
        `${process} takes its variables from ${secrets.join()}, not ${installed[process].workload}`,
      )
    return {
      process,
      settings: ConfigMap.parse(settings).data,
      own: Object.fromEntries(container.env.map(({ name, value }) => [name, value])),
      secret: [...installed[process].secret],
    }
  })
}

const isWorkload = ({ apiVersion, kind }: Manifest) =>
  kind === 'Deployment' || (kind === 'Service' && apiVersion.startsWith('serving.knative.dev/'))
