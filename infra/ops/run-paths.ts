import { misused, Trouble } from './client.ts'

/** The two kinds of runs: where ops-api has them, and the field that names what they run. */
export const runPaths = {
  task: { plural: 'taskruns', ref: 'taskRef' },
  pipeline: { plural: 'pipelineruns', ref: 'pipelineRef' },
} as const

export const namespaceOption = {
  namespace: {
    type: 'string',
    short: 'n',
    hint: 'ns',
    says: 'where it is, ACTIVE_NAMESPACE or ops-runs unless given',
  },
} as const

/** Where the runs of a namespace are, or one of them. */
export const pathOfRun = (kind: keyof typeof runPaths, namespace: string, name?: string): string =>
  `/namespaces/${encodeURIComponent(namespace)}/${runPaths[kind].plural}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`

/** A name, or `namespace/name`. @throws Trouble */
export function placeOf(operand: string, namespace: string): { namespace: string; name: string } {
  const parts = operand.split('/')
  const [first = '', second] = parts
  if (parts.length > 2 || parts.includes(''))
    throw new Trouble(misused, `"${operand}" is no name: it has to be name or namespace/name`)
  return second === undefined ? { namespace, name: first } : { namespace: first, name: second }
}
