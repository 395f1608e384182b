import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { builtYaml, type Manifest, objectsIn } from '../../manifests.ts'
import { chart } from './helm.ts'

/** Manifests, as folders of the tree and files, and the values of the chart that have to say the same. */
export type Row = { folders: string[]; components?: string[]; files?: string[]; values: string[] }

const root = fileURLToPath(new URL('../../..', import.meta.url))
const set = (values: string) => ['--set', values]
const size = (name: string) => ['--values', join(chart, `values-${name}.yaml`)]

/** What the chart can be told, by what that is called here. */
export const rows: Record<string, Row> = {
  'plain Kubernetes, dev': {
    folders: ['infra/kubernetes/overlays/dev'],
    values: [...set('platform=kubernetes'), ...size('dev')],
  },
  'plain Kubernetes, prod': {
    folders: ['infra/kubernetes/overlays/prod'],
    values: [...set('platform=kubernetes'), ...size('prod')],
  },
  'Knative, dev': { folders: ['knative/overlays/dev'], values: size('dev') },
  'Knative, prod': { folders: ['knative/overlays/prod'], values: size('prod') },
  OpenFaaS: { folders: ['infra/openfaas'], values: [...set('platform=openfaas'), ...size('prod')] },
  'a leaf cluster': { folders: ['infra/kubernetes/leaf'], values: set('platform=leaf') },
  'everything that is optional': {
    folders: [
      'infra/kubernetes/overlays/dev',
      'infra/kubernetes/watcher/secrets',
      'infra/kubernetes/gateway',
      'infra/kubernetes/leaf-main',
    ],
    components: ['infra/kubernetes/outside-only'],
    files: ['infra/prometheus/monitors.yaml'],
    values: [
      ...set('platform=kubernetes,hookSecrets=true,monitors.enabled=true,gateway.enabled=true'),
      ...set('networkPolicy.publicReceiversOnly=true,networkPolicy.leafClusters=true'),
      ...size('dev'),
    ],
  },
}

/** The objects of a row's manifests that a chart has, too; `dir` is where they are put together. */
export async function objectsOf(
  { folders, components = [], files = [] }: Row,
  dir: string,
): Promise<Manifest[]> {
  const at = mkdtempSync(join(dir, 'built-'))
  const seen = (paths: string[]) => paths.map(path => relative(at, join(root, path)))
  const kustomization = { resources: seen(folders), components: seen(components) }
  writeFileSync(join(at, 'kustomization.yaml'), stringify(kustomization))
  const plain = files.map(path => readFileSync(join(root, path), 'utf8'))
  return [await builtYaml(at), ...plain].flatMap(objectsIn).filter(one => !isLeftOut(one))
}

// Helm makes the namespace with --create-namespace and takes custom resources from a folder of their own; the
// ServiceMonitor is for those who have a Service of theirs.
const isLeftOut = ({ kind, metadata: { name } }: Manifest) =>
  ['CustomResourceDefinition', 'ServiceMonitor'].includes(kind) ||
  (kind === 'Namespace' && name === 'ops-system')
