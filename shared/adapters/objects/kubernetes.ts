import { apiVersion } from '../../hook.ts'
import { isObject } from '../../json.ts'
import { isNamespace, namesProblem } from '../../object-names.ts'
import { type Draft, type Objects, RefusedObject, type Stored } from '../../objects.ts'
import { type Kind, resources } from '../../resources.ts'
import { type Ask, KubernetesError } from '../kubernetes.ts'
import { inOrder, storedOf, storedOr } from './read.ts'

const pageSize = 500

/** The objects of ours in a cluster. Every call rejects with what its API server says, where the contract has no word for it. */
export function objectsInCluster(json: (ask: Ask) => Promise<unknown>): Objects {
  /** What a request brings, or undefined where the server has one of these answers for it. */
  async function unless(statuses: number[], kind: Kind, ask: Ask): Promise<unknown> {
    try {
      return await json(ask)
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error
      // What is no Status with a reason says that there is no such path, rather than no such object.
      if (error.status === 404 && error.reason === '')
        throw new Error(
          `The cluster does not know ${kind}: apply infra/crds/${resources[kind].plural}.yaml`,
          {
            cause: error,
          },
        )
      if (statuses.includes(error.status)) return undefined
      throw error
    }
  }

  return {
    async get(kind, namespace, name) {
      // A name out of somebody's spec must not lead to another path.
      if (namesProblem({ namespace, name }) !== undefined) return undefined
      const found = await unless([404], kind, { path: `${pathOf(kind, namespace)}/${name}` })
      return found === undefined ? undefined : storedOf(kind, found)
    },

    async list(kind, { namespace, labels = {} } = {}) {
      const labelSelector = Object.entries(labels)
        .map(([name, value]) => `${name}=${value}`)
        .join(',')
      if (namespace !== undefined && !isNamespace(namespace)) return []
      const path = pathOf(kind, namespace)
      for (let again = 0; ; again++) {
        try {
          return inOrder(await pages(kind, { path, query: { labelSelector: labelSelector || undefined } }))
        } catch (error) {
          // The server has forgotten the version that it began the list at.
          if (!(error instanceof KubernetesError && error.status === 410 && again === 0)) throw error
        }
      }
    },

    async create(draft) {
      const { kind, metadata, spec } = draft
      const problem = namesProblem(metadata)
      if (problem !== undefined) throw new RefusedObject(refusal(draft, problem))
      const body = { apiVersion, kind, metadata: made(metadata), spec }
      try {
        const created = await unless([409], kind, {
          method: 'POST',
          path: pathOf(kind, metadata.namespace),
          body,
        })
        return created === undefined ? undefined : storedOf(kind, created)
      } catch (error) {
        throw isRefusal(error) ? new RefusedObject(refusal(draft, error.message), { cause: error }) : error
      }
    },

    async putStatus({ kind, metadata, spec }, status) {
      const { namespace, name } = metadata
      const put = await unless([404, 409], kind, {
        method: 'PUT',
        path: `${pathOf(kind, namespace)}/${name}/status`,
        body: { apiVersion, kind, metadata, spec, status },
      })
      return put === undefined ? undefined : storedOf(kind, put)
    },

    async remove({ kind, metadata: { namespace, name, uid } }) {
      await unless([404, 409], kind, {
        method: 'DELETE',
        path: `${pathOf(kind, namespace)}/${name}`,
        // One that was made anew under the name is another one.
        body: {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          preconditions: { uid },
          propagationPolicy: 'Background',
        },
      })
    },
  }

  async function pages<K extends Kind>(kind: K, { path, query }: Ask): Promise<Stored<K>[]> {
    const objects: Stored<K>[] = []
    let next: string | undefined
    do {
      const page = await unless([], kind, { path, query: { ...query, limit: pageSize, continue: next } })
      if (!isObject(page) || !Array.isArray(page.items)) throw new Error('The answer to a list is no list')
      objects.push(...page.items.flatMap(item => storedOr(kind, item) ?? []))
      next = isObject(page.metadata) && page.metadata.continue ? String(page.metadata.continue) : undefined
    } while (next !== undefined)
    return objects
  }
}

const pathOf = (kind: Kind, namespace?: string) =>
  `/apis/${apiVersion}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${resources[kind].plural}`

/** What of the metadata is for who makes it to say: the rest is the server's. */
const made = ({ name, namespace, labels, annotations, ownerReferences }: Draft<Kind>['metadata']) => ({
  ...{ name, namespace, labels, annotations, ownerReferences },
})

/** Would it be refused at any other time as well? Of 404 all that is left here is a namespace that is not there. */
const isRefusal = (error: unknown): error is KubernetesError =>
  error instanceof KubernetesError && [400, 404, 413, 422].includes(error.status)

const refusal = ({ kind, metadata }: Draft<Kind>, problem: string) =>
  `Cannot make ${kind} "${metadata.namespace}/${metadata.name}": ${problem}`
