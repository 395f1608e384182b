import { spawnSync } from 'node:child_process'

/** Runs a program, which says on our own streams what it does. Where it fails that is the end. */
export function run(program: string, args: string[]): void {
  const { status, error } = spawnSync(program, args, { stdio: 'inherit' })
  if (error) throw new Error(`Cannot run ${program}: it has to be in PATH`, { cause: error })
  if (status !== 0) process.exit(status ?? 1)
}

/** What a program prints, or nothing where it is not there or fails. */
export const said = (program: string, args: string[], cwd: string): string =>
  spawnSync(program, args, { cwd, encoding: 'utf8' }).stdout?.trim() ?? ''
