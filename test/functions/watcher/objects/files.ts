import { documentReader, type Found } from '../../../../functions/watcher/documents.ts'
import { type FolderObjects, objectsIn } from '../../../../functions/watcher/objects/wanted.ts'

/** The text of an object; fields of its spec in JSON. */
export const objectYaml = (kind: string, name: string, spec: object, metadata: object = {}): string =>
  [
    'apiVersion: crd.chenshaowen.com/v1',
    `kind: ${kind}`,
    `metadata: ${JSON.stringify({ name, namespace: 'ops', ...metadata })}`,
    'spec:',
    ...Object.entries(spec).map(([field, value]) => `  ${field}: ${JSON.stringify(value)}`),
    '',
  ].join('\n')

export const taskRunYaml = (name: string, spec: object = {}): string =>
  objectYaml('TaskRun', name, { taskRef: 'check', ...spec })

/** What files hold, by their paths. */
export const foundIn = (files: Record<string, string>): Found[] =>
  documentReader()(Object.entries(files).map(([path, text]) => ({ path, text })))

/** The objects in them. */
export const folderOf = (files: Record<string, string>): FolderObjects => objectsIn(foundIn(files))

/** `a.yaml:3 spec.taskRef: it is missing (…)` */
export const complaints = ({ refused }: FolderObjects): string[] =>
  refused.flatMap(({ file, kind, object, problems }) =>
    problems.map(
      ({ line, field, problem }) => `${file}:${line} ${kind ?? ''} ${object ?? ''} ${field}: ${problem}`,
    ),
  )
