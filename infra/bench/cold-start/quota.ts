import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A control group whose processes together get a share of one CPU. */
export type Quota = {
  /** The command that runs another one in it from its first instruction on. */
  command(command: string, args: string[]): [command: string, args: string[]]
  close(): Promise<void>
}

const root = '/sys/fs/cgroup'
// What Kubernetes gives: a quarter of 100 ms, then the rest of them nothing.
const period = 100_000

/** Undefined where this machine lets us make no such group. */
export async function openQuota(share: number): Promise<Quota | undefined> {
  const dir = existsSync(join(root, 'cgroup.controllers'))
    ? join(root, readFileSync('/proc/self/cgroup', 'utf8').replace(/^0::/, '').trim(), `bench-${process.pid}`)
    : join(root, 'cpu', `bench-${process.pid}`)
  try {
    await mkdir(dir)
    if (existsSync(join(dir, 'cpu.max'))) await writeFile(join(dir, 'cpu.max'), `${share * period} ${period}`)
    else {
      await writeFile(join(dir, 'cpu.cfs_period_us'), String(period))
      await writeFile(join(dir, 'cpu.cfs_quota_us'), String(share * period))
    }
  } catch {
    await rmdir(dir).catch(() => {})
    return undefined
  }
  return {
    command: (command, args) => [
      'sh',
      ['-c', `echo $$ >${join(dir, 'cgroup.procs')} && exec "$@"`, 'sh', command, ...args],
    ],
    close: () => rmdir(dir),
  }
}
