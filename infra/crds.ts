// `npm run crds` writes infra/crds/*.yaml from the schemas, and the same for the chart; with --check it only says whether
// they are fresh.
import { stringify } from 'yaml'
import { apiVersion } from '../shared/hook.ts'
import { type Kind, resources } from '../shared/resources.ts'
import { age, shown } from './crd-columns.ts'
import { type CrdSchema, crdSchema } from './crd-schema.ts'
import { writeOrCheck } from './written.ts'

const [group = '', version = ''] = apiVersion.split('/')
const head = '# Written by `npm run crds` from the schemas in shared/: change those.\n'

/** The CustomResourceDefinition of a kind. */
function crdOf(kind: Kind): CrdSchema {
  const { plural, spec, status } = resources[kind]
  const { shortNames, columns } = shown[kind]
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        ...(shortNames.length > 0 && { shortNames }),
        categories: ['ops'],
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: [...columns, age],
          schema: { openAPIV3Schema: topSchema(crdSchema(spec), crdSchema(status)) },
        },
      ],
    },
  }
}

const topSchema = (spec: CrdSchema, status: CrdSchema): CrdSchema => ({
  type: 'object',
  required: ['spec'],
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { type: 'object' },
    spec,
    status,
  },
})

/** The file of each kind, by its name in infra/crds. */
export const crdFiles = (): Map<string, string> =>
  new Map(
    (Object.keys(resources) as Kind[]).map(kind => [
      `${resources[kind].plural}.yaml`,
      head + stringify(crdOf(kind), { lineWidth: 0, aliasDuplicateObjects: false }),
    ]),
  )

// The chart has them in a folder of its own, as Helm wants it.
const folders = ['crds', 'helm/ops-events/crds']

if (import.meta.main) {
  const files = folders.flatMap(folder =>
    [...crdFiles()].map(([name, text]) => [`${folder}/${name}`, text] as const),
  )
  writeOrCheck(files, {
    stale: path => `infra/${path} is not as the schemas have it: npm run crds`,
    fresh: 'The CRDs were fresh already',
  })
}
