// RFC 1123, as Kubernetes takes it: names of files, of KV and of the cluster are the same then.
const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const name = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

/** Can an object be called so? */
export const isObjectName = (text: string): boolean => text.length <= 253 && name.test(text)

/** Can a namespace be called so? */
export const isNamespace = (text: string): boolean => text.length <= 63 && label.test(text)

/** Why an object cannot be called so, or undefined where it can. */
export function namesProblem(metadata: { name: string; namespace: string }): string | undefined {
  if (!isObjectName(metadata.name)) return problemOf('name', metadata.name)
  return isNamespace(metadata.namespace) ? undefined : problemOf('namespace', metadata.namespace)
}

const problemOf = (what: string, text: string) =>
  `its ${what} is "${text.length > 100 ? `${text.slice(0, 99)}…` : text}": a Kubernetes name has lower-case letters, digits and "-"`
