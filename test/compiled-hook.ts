import type { CompiledHook } from '../shared/hookset.ts'

/** A hook `namespace/name` as the watcher puts it in force; it fires for everything, unless told otherwise. */
export const compiledHook = (id: string, about: Partial<CompiledHook> = {}): CompiledHook => {
  const [namespace = '', name = ''] = id.split('/')
  return {
    ...{ id, namespace, name, revision: 'r1', type: 'webhook', subject: 'ops.>', sealed: '' },
    ...{ include: [], exclude: [], matchMode: 'ANY', matchType: 'CONTAINS' },
    ...about,
  }
}
