import { vi } from 'vitest'
import { type Child, startChild } from '../../../infra/local/child.ts'
import { key } from './folder-of.ts'

const door = new URL('../../../functions/watcher/index.ts', import.meta.url).pathname

/** A watcher as a process of its own, and every line that it says. */
export type Watcher = { child: Child; lines: string[]; url: string }

/** Starts a watcher and waits until it listens. */
export async function startWatcher(env: Record<string, string>): Promise<Watcher> {
  const lines: string[] = []
  const child = await startChild(process.execPath, [door], {
    env: { EVENT_CLUSTER: 'c1', HOOK_SEAL_KEY: key, PORT: '0', LOG_LEVEL: 'debug', ...env },
    line: text => lines.push(text),
  })
  const port = await vi.waitFor(() => {
    const listening = lines.find(line => line.includes('"msg":"Listening"'))
    if (!listening) throw new Error(`It does not listen: ${child.tail()}`)
    return JSON.parse(listening).port
  }, 60_000)
  return { child, lines, url: `http://127.0.0.1:${port}` }
}
