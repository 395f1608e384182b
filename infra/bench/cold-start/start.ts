import { request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { type Child, startChild } from '../../local/child.ts'
import { freePort } from '../../local/ports.ts'
import type { First } from './first.ts'
import type { Quota } from './quota.ts'

/** A process that was started, and the milliseconds from there to its answer to its first request. */
export type Started = { child: Child; milliseconds: number }

/** Starts a process by node and asks it, again and again until it answers. @throws Error where it says no */
export async function start(
  args: string[],
  { env, first, quota }: { env: Record<string, string>; first: First; quota?: Quota | undefined },
): Promise<Started> {
  const port = await freePort()
  const [command, all] = quota?.command(process.execPath, args) ?? [process.execPath, args]
  const since = performance.now()
  const child = await startChild(command, all, { env: { ...env, PORT: String(port) } })
  let ended = ''
  void child.exited.then(how => {
    ended = how
  })
  for (;;) {
    const answered = await ask(port, first)
    if (answered !== undefined && answered.status < 300)
      return { child, milliseconds: performance.now() - since }
    if (!ended && (answered === undefined || later.has(answered.status))) {
      await pause(1)
      continue
    }
    const how = ended ? `ended with ${ended}` : `answered ${answered?.status} ${answered?.text}`
    await child.kill()
    throw new Error(`${args.at(-1)} ${how}:\n${child.tail()}`)
  }
}

// Asked again, as the bridge would: not ready yet, or a server of the function's was late.
const later = new Set([409, 429, 503])

/** Undefined as long as nothing listens. */
function ask(port: number, { method, path, headers, body }: First) {
  return new Promise<{ status: number; text: string } | undefined>((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, method, path, headers, agent: false })
    asked.on('response', async response => {
      const text = (await response.toArray()).join('')
      resolve({ status: response.statusCode ?? 0, text })
    })
    asked.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNREFUSED' ? resolve(undefined) : reject(error),
    )
    asked.end(body)
  })
}
