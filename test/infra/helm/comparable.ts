import { parse, parseAllDocuments } from 'yaml'

/** Anything that Kubernetes takes. */
export type KubernetesObject = {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string }
}

/** The objects of a YAML text. */
export const objectsIn = (text: string): KubernetesObject[] =>
  parseAllDocuments(text).flatMap(document => document.toJS() ?? [])

/**
 * Objects by kind, namespace and name, without what only one of the two tools writes: Helm its labels and annotations,
 * kustomize the sum in the name of a ConfigMap. Variables of a container are sorted, files read as YAML.
 */
export function comparable(objects: KubernetesObject[]): Record<string, KubernetesObject> {
  const text = JSON.stringify(objects).replaceAll(summed, '"$1"')
  const plain: KubernetesObject[] = JSON.parse(text, (key, value) => bared[key]?.(value as never) ?? value)
  return Object.fromEntries(plain.map(one => [nameOf(one), one]))
}

const nameOf = ({ kind, metadata: { namespace = '', name } }: KubernetesObject) =>
  [kind, namespace, name].join('/')

// The alphabet of kustomize's sums.
const summed = /"(ops-[a-z]+)-[bcdfghkmt2456789]{10}"/g

const ofTheChart = /^(helm\.sh\/|checksum\/|app\.kubernetes\.io\/(managed-by|instance|version)$)/

type Texts = Record<string, string>

const ours = (texts: Texts): Texts =>
  Object.fromEntries(Object.entries(texts).filter(([name]) => !ofTheChart.test(name)))

const bared: Record<string, (value: never) => unknown> = {
  labels: ours,
  annotations: ours,
  metadata: ({ labels, annotations, ...rest }: Record<string, Texts>) => ({
    ...rest,
    ...(hasAny(labels) && { labels }),
    ...(hasAny(annotations) && { annotations }),
  }),
  data: (files: Texts) =>
    Object.fromEntries(Object.entries(files).map(([name, text]) => [name, parse(text)])),
  env: (variables: { name: string }[]) => variables.toSorted((a, b) => a.name.localeCompare(b.name)),
}

const hasAny = (texts: Texts = {}) => Object.keys(texts).length > 0
