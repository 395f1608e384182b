import { parse } from 'yaml'
import { type Manifest, plainNames } from '../../manifests.ts'

/**
 * Objects by kind, namespace and name, without what only one of the two tools writes: Helm its labels and annotations,
 * kustomize the sum in the name of a ConfigMap. Variables of containers and values of selectors are sorted, files read
 * as YAML.
 */
export function comparable(objects: Manifest[]): Record<string, unknown> {
  const bare = (key: string, value: unknown) => bared[key]?.(value as never) ?? value
  return Object.fromEntries(
    plainNames(objects).map(one => [placeOf(one), JSON.parse(JSON.stringify(one), bare)]),
  )
}

const placeOf = ({ kind, metadata: { namespace = '', name } }: Manifest) => [kind, namespace, name].join('/')

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
  values: (words: string[]) => words.toSorted(),
  env: (variables: { name: string }[]) => variables.toSorted((a, b) => a.name.localeCompare(b.name)),
}

const hasAny = (texts: Texts = {}) => Object.keys(texts).length > 0
