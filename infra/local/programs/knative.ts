import { join } from 'node:path'
import { executables } from './find.ts'
import { buildSource, builtBefore } from './gomodule.ts'
import { type Source, sources } from './module.ts'
import type { Say } from './table.ts'

/** What is built of Knative. */
export const knativeParts = ['serving', 'eventing'] as const
export type KnativePart = (typeof knativeParts)[number]

/** A part of Knative that runs here. */
export type Knative = {
  /** Where an executable is: `webhook`. */
  path(binary: string): string
  /** Where a folder of its YAML is: `core`. */
  files(name: string): string
}

/** Finds Knative in the cache, or builds it. @throws Error telling why it cannot */
export async function provideKnative(
  part: KnativePart,
  say: Say = line => console.error(line),
): Promise<Knative> {
  const source = sourceOf(part)
  const folder = builtBefore(source) ?? (await buildSource(source, say))
  const path = (name: string) => join(folder, name)
  return { path, files: path }
}

/** Why a part can be neither found nor built on this machine, or undefined. */
export function whyNoKnative(part: KnativePart): string | undefined {
  if (builtBefore(sourceOf(part)) || executables('go').length > 0) return undefined
  return `there is no "go" on the PATH to build Knative with; install Go from https://go.dev/dl`
}

function sourceOf(part: KnativePart): Source {
  const source = sources.find(({ name }) => name === `knative-${part}`)
  if (!source) throw new Error(`Knative ${part} is not among the sources`)
  return source
}
