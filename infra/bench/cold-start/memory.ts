import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import type { Bundle } from '../../build.ts'
import { judged, type Row } from '../row.ts'
import type { First } from './first.ts'
import { start } from './start.ts'

/** MiB that a process may hold when it has nothing to do. */
const most: Record<string, number> = { watcher: 150 }
const ready: First = { method: 'GET', path: '/readyz', headers: {}, body: '' }
const idle = 3_000

/** What each process holds of memory when its first request is behind it. */
export async function residentOf(
  bundles: Bundle[],
  { env, firsts }: { env: Record<string, string>; firsts: Record<string, () => First> },
): Promise<Row[]> {
  const rows: Row[] = []
  // The watcher last: it puts the hooks of its own folder in force.
  const ordered = bundles.toSorted((a, b) => Number(a.name === 'watcher') - Number(b.name === 'watcher'))
  for (const { name, file } of ordered) {
    const { child } = await start([file], { env, first: firsts[name]?.() ?? ready })
    await pause(idle)
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '')
    const value = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024
    const row = { name: `idle ${name}`, value, unit: 'MiB', against: 'itself', ratio: 1 }
    rows.push(judged(row, { of: 'value', atMost: most[name] ?? 100 }))
    await child.stop()
  }
  return rows
}
