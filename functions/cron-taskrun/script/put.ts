import type { Names } from './names.ts'

/**
 * A script of a language that is no shell, with the values of variables put in. Outputs of earlier steps, and the
 * endpoint, are not: they are put in where it is run.
 */
export function put(content: string, names: Names, language: string): string {
  return content.replaceAll(/\$\{([^{}\n]+)\}/g, (whole, name: string) => {
    if (!names.knows(name)) return whole
    names.demand(name, 'harmless', language)
    // Told to `uses`, where it is an output.
    names.variable(name)
    return names.value(name) ?? whole
  })
}
