import { runToEnd } from '../command.ts'

/**
 * The first `1.2.3` of what a program prints about its version: `nats-server: v2.15.2`,
 * `Redis server v=7.0.15 sha=…`. Undefined where there is none.
 */
export function versionIn(text: string): string | undefined {
  return /\bv?=?(\d+\.\d+\.\d+)/.exec(text)?.[1]
}

/** Is version `has` the same as or newer than `wants`? Both `major.minor.patch`. */
export function atLeast(has: string, wants: string): boolean {
  const [a, b] = [has, wants].map(version => version.split('.').map(Number))
  for (const [index, part] of (b ?? []).entries()) {
    const other = a?.[index] ?? 0
    if (other !== part) return other > part
  }
  return true
}

/** The version of the executable at `path`, or undefined when it does not run here. */
export async function versionOf(path: string): Promise<string | undefined> {
  // Helm has a command for it, and no option.
  for (const asked of ['--version', 'version']) {
    const answer = await runToEnd(path, [asked])
    if (answer.ok) return versionIn(answer.output)
  }
  return undefined
}
