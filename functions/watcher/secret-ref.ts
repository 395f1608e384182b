import type { EventHooks, HookSpec } from '../../shared/hook.ts'
import type { Secret, SecretReason } from '../../shared/secret.ts'
import { nameProblems } from './sense.ts'
import type { Problem } from './shape.ts'

/** A Secret with some of its keys; undefined as long as these were not read. */
export type SecretOf = (id: string, keys: string[]) => Secret | undefined

/** Which keys of which Secret a hook takes. `id` is `namespace/name`. */
export type Wanted = { id: string; keys: string[] }

/** What a hook wants of Secrets; undefined where it wants nothing, or what cannot be asked for. */
export function wantedBy({ metadata, spec }: Pick<EventHooks, 'metadata' | 'spec'>): Wanted | undefined {
  if (!spec.secretRef || [...nameProblems(metadata), ...refProblems(spec.secretRef)].length > 0)
    return undefined
  const { name, keys } = spec.secretRef
  return { id: `${metadata.namespace}/${name}`, keys: Object.values(keys) }
}

/**
 * The spec of a hook with the values of its Secret in it, which take the place of what stands there: what is missing,
 * by name and key and never by value, or that it was not read yet.
 */
export function withSecrets(
  { metadata, spec }: Pick<EventHooks, 'metadata' | 'spec'>,
  secretOf: SecretOf,
): { spec: HookSpec } | { problems: Problem[]; reason?: SecretReason } | { waiting: true } {
  if (!spec.secretRef) return { spec }
  const { name, keys } = spec.secretRef
  const problems = [...nameProblems(metadata), ...refProblems(spec.secretRef)]
  if (problems.length > 0) return { problems }
  const id = `${metadata.namespace}/${name}`
  const secret = secretOf(id, Object.values(keys))
  if (!secret) return { waiting: true }
  if ('problem' in secret)
    return { problems: [{ path: [...at, 'name'], problem: secret.problem }], reason: secret.reason }
  const filled = { ...spec, options: { ...spec.options } }
  for (const [field, key] of Object.entries(keys)) {
    const value = secret.values.get(key)
    if (value === undefined)
      problems.push({ path: [...at, 'keys', field], problem: `Secret "${id}" has no key "${key}"` })
    else if (field === 'url') filled.url = value
    else filled.options[field.slice('options.'.length)] = value
  }
  return problems.length > 0 ? { problems, reason: 'SecretMissing' } : { spec: filled }
}

const at = ['spec', 'secretRef']

// As Kubernetes takes them, and besides: they become part of a path.
const secretName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const secretKey = /^(?!\.{1,2}$)(?!\.\.)[-._a-zA-Z0-9]+$/

function refProblems({ name, keys }: NonNullable<HookSpec['secretRef']>): Problem[] {
  const problems: Problem[] = []
  if (!secretName.test(name))
    problems.push({
      path: [...at, 'name'],
      problem: `it is ${JSON.stringify(name)}: a Secret's name has lower-case letters, digits, "-" and "."`,
    })
  if (Object.keys(keys).length === 0) problems.push({ path: [...at, 'keys'], problem: 'it is empty' })
  for (const [field, key] of Object.entries(keys))
    if (!secretKey.test(key))
      problems.push({
        path: [...at, 'keys', field],
        problem: `it is ${JSON.stringify(key)}: a key of a Secret has letters, digits, "-", "_" and "."`,
      })
  return problems
}
