import { type Change, type ClusterObject, objectOf } from '../../../../shared/changes.ts'

/** An object as an API server has it, of a namespace `ops`. */
export const rawObject = (
  name: string,
  { metadata = {}, ...fields }: { metadata?: object; spec?: object; status?: object } = {},
) => ({
  metadata: { name, namespace: 'ops', uid: `uid-${name}`, resourceVersion: '1', generation: 1, ...metadata },
  ...fields,
})

export const object = (...of: Parameters<typeof rawObject>): ClusterObject => objectOf(rawObject(...of))

export const put = (...of: Parameters<typeof rawObject>): Change => ({ kind: 'put', object: object(...of) })

/** Some changes, one after the other. */
export async function* inOrder(...changes: Change[]): AsyncGenerator<Change, void> {
  yield* changes
}
