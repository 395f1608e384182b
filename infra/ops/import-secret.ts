import { hasVariable } from './import-config.ts'
import type { Target } from './import-receiver.ts'

/** The same with its values that have variables in a Secret, whose keys are named as the fields are. */
export function hidden({ spec, notes }: Target, name: string): Target {
  const fields = { url: spec.url ?? '', ...prefixed(spec.options ?? {}) }
  const secret = Object.entries(fields).filter(([, value]) => hasVariable(value))
  if (secret.length === 0) return { spec, notes }
  const keys = Object.fromEntries(secret.map(([field]) => [field, field.replace(/^options\./, '')]))
  const open = Object.entries(spec.options ?? {}).filter(([, value]) => !hasVariable(value))
  const { url, options, ...rest } = spec
  const told = secret
    .filter(([, value]) => !/^\$(\{\w+\}|\w+)$/.test(value))
    .map(([field, value]) => `${field}: the Secret holds all of "${value}"`)
  return {
    notes: [
      ...notes,
      `kubectl create secret generic ${nameOf(name)} …, with ${Object.values(keys).join(', ')}`,
      ...told,
    ],
    spec: {
      ...rest,
      ...(keys.url === undefined && url !== undefined && { url }),
      ...(open.length > 0 && { options: Object.fromEntries(open) }),
      secretRef: { name: nameOf(name), keys },
    },
  }
}

const prefixed = (options: Record<string, string>) =>
  Object.fromEntries(Object.entries(options).map(([name, value]) => [`options.${name}`, value]))

/** A name that Kubernetes takes. */
export const nameOf = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 50) || 'receiver'
