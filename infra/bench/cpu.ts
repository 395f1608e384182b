import { readFileSync } from 'node:fs'

// USER_HZ, which is 100 on every architecture that Linux has in use; proc(5).
const ticksPerSecond = 100

/** User and system time of a process in seconds, from the text of /proc/<pid>/stat; proc_pid_stat(5), fields 14 and 15. */
export function cpuInStat(text: string): number {
  // The name in parentheses may hold blanks and parentheses itself.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

/** What programs of this machine used in seconds, from the text of /proc/stat: user, nice and system time. */
export function cpuOfAllInStat(text: string): number {
  const [, user, nice, system] = text.split('\n', 1)[0]?.split(/ +/) ?? []
  return (Number(user) + Number(nice) + Number(system)) / ticksPerSecond
}

/** CPU time in seconds of a process up to now; NaN where there is no /proc, or no such process any more. */
export function cpuOf(pid: number | 'all'): number {
  try {
    if (pid === 'all') return cpuOfAllInStat(readFileSync('/proc/stat', 'utf8'))
    return cpuInStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    // No Linux: rates are measured all the same.
    return Number.NaN
  }
}

/** What was used between start and stop: seconds of each process, and cores that everything else on the machine took. */
export type Used = { seconds: number; cpu: Record<string, number>; others: number }

/** Starts to measure these processes, by name; the measuring process itself belongs to them under some name. */
export function meter(pids: Record<string, number>): () => Used {
  const names = Object.keys(pids)
  const read = () => ({
    at: performance.now(),
    all: cpuOf('all'),
    each: names.map(name => cpuOf(pids[name] ?? 0)),
  })
  const start = read()
  return () => {
    const end = read()
    const seconds = (end.at - start.at) / 1000
    const each = end.each.map((value, at) => value - (start.each[at] ?? 0))
    const ours = each.reduce((sum, value) => sum + value, 0)
    return {
      seconds,
      cpu: Object.fromEntries(names.map((name, at) => [name, each[at] ?? 0])),
      others: Math.max((end.all - start.all - ours) / seconds, 0),
    }
  }
}
