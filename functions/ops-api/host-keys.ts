import { isNamespace, isObjectName } from '../../shared/object-names.ts'
import { quoted, type Refusal } from '../../shared/refusal.ts'
import type { Answered, Call, Route } from './route.ts'

/** What it needs: false where no key was kept for `namespace/name`. */
export type World = { forget(id: string): Promise<boolean> }

/** The keys by which hosts are known: one that was set up anew is met as for the first time once its old one is forgotten. */
export function hostKeyRoutes({ forget }: World): Route[] {
  async function remove({ params }: Call): Promise<Answered | Refusal> {
    const { namespace = '', name = '' } = params
    const id = `${namespace}/${name}`
    const isName = isNamespace(namespace) && isObjectName(name)
    if (isName && (await forget(id))) return { data: { id } }
    return { status: 404, message: `No key is kept of host ${quoted(id)}: it is kept when it is first met` }
  }
  const path = '/api/v1/namespaces/{namespace}/hosts/{name}/hostkey'
  const summary = 'Forget the key by which a host is known'
  return [{ method: 'DELETE', path, right: 'admin', summary, answer: remove }]
}
