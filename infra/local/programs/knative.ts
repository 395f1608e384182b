import { join } from 'node:path'
import { provideSource } from './gomodule.ts'
import type { Say } from './table.ts'

/** What is built of Knative. */
export type KnativePart = 'serving' | 'eventing'

/** A part of Knative that runs here. */
export type Knative = {
  /** Where an executable is, such as `webhook`, or a folder of its YAML: `core`. */
  path(name: string): string
}

/** Finds Knative in the cache, or builds it. @throws Error telling why it cannot */
export async function provideKnative(
  part: KnativePart,
  say: Say = line => console.error(line),
): Promise<Knative> {
  const folder = await provideSource(`knative-${part}`, say)
  return { path: name => join(folder, name) }
}
