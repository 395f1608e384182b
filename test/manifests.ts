import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { provideControlPlane } from '../infra/local/programs/controlplane.ts'
import { whyNoKubernetes } from './kubernetes.ts'
import { leaveOut } from './needing.ts'

/** One object as it is applied. */
export const Manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z.record(z.string(), z.string()).default({}),
  }),
})
export type Manifest = z.infer<typeof Manifest>

const root = fileURLToPath(new URL('..', import.meta.url))

/** The objects of a kustomization, by its folder from the top, as `kubectl apply -k` would apply them. */
export const manifestsOf = async (folder: string): Promise<Manifest[]> => objectsIn(await builtYaml(folder))

/** The YAML that `kubectl kustomize` makes of a folder. */
export async function builtYaml(folder: string): Promise<string> {
  const kubectl = (await provideControlPlane({})).path('kubectl')
  const options = { cwd: root, maxBuffer: 1 << 28 }
  return (await promisify(execFile)(kubectl, ['kustomize', folder], options)).stdout
}

/** The objects of a YAML text, one a document. */
export const objectsIn = (yaml: string): Manifest[] =>
  parseAllDocuments(yaml)
    .map(document => document.toJS())
    .filter(object => object !== null)
    .map(object => Manifest.parse(object))

/** `Deployment/ops-watcher`, by which one is told from others of its namespace. */
export const nameOf = ({ kind, metadata }: Manifest) => `${kind}/${metadata.name}`

/** The same objects without the hash that kustomize puts behind the names of what it generates. */
export function plainNames(objects: Manifest[]): Manifest[] {
  const text = JSON.stringify(objects).replaceAll(/"(ops-[a-z-]+?)-[2456789bcdfghkmt]{10}"/g, '"$1"')
  return z.array(Manifest).parse(JSON.parse(text))
}

/** A `describe` whose tests build manifests; left out where there is no kubectl to do it with, but never in CI. */
export function describeManifests(name: string, tests: () => void): void {
  const why = whyNoKubernetes({})
  if (why) leaveOut(name, why)
  else describe(name, tests)
}
