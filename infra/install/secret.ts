import { stringify } from 'yaml'
import { z } from 'zod'

/** A Secret of Kubernetes, with its data as text. */
export type Secret = { name: string; namespace: string; type?: string; data: Record<string, string> }

const marked = { 'app.kubernetes.io/part-of': 'ops-events' }
/** CloudNativePG brings in a changed password where it says so. */
const reloaded = { 'cnpg.io/reload': 'true' }

const manifestOf = ({ name, namespace, type = 'Opaque', data }: Secret) => ({
  ...{ apiVersion: 'v1', kind: 'Secret', type },
  metadata: { name, namespace, labels: { ...marked, ...(isLogin(type) && reloaded) } },
  stringData: data,
})

/** Secrets as YAML that kubectl takes. */
export const written = (secrets: Secret[]): string =>
  secrets.map(secret => stringify(manifestOf(secret))).join('---\n')

/** The same as JSON. */
export const listed = (secrets: Secret[]): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'List', items: secrets.map(manifestOf) }, null, 2)

const isLogin = (type: string) => type === 'kubernetes.io/basic-auth'

const List = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), namespace: z.string() }),
      type: z.string().optional(),
      data: z.record(z.string(), z.string()).default({}),
    }),
  ),
})

/**
 * The Secrets of what `kubectl get secrets -o json` prints, of one cluster or of several one after the other.
 * @throws Error where it is something else
 */
export function secretsIn(json: string): Secret[] {
  const lists = json.split(/(?<=^\})\n(?=\{)/m).map(text => List.parse(JSON.parse(text)).items)
  return lists.flat().map(({ metadata, type, data }) => ({
    ...metadata,
    ...(type && { type }),
    data: Object.fromEntries(
      Object.entries(data).map(([key, text]) => [key, Buffer.from(text, 'base64').toString('utf8')]),
    ),
  }))
}

/** The one of this name. @throws Error where there is none */
export function secretOf(secrets: Secret[], name: string): Secret {
  const found = secrets.find(secret => secret.name === name)
  if (!found) throw new Error(`Cannot go on without Secret "${name}": it is not among those that were given`)
  return found
}
