import { mkdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { type Child, startChild } from './child.ts'
import { freePort } from './ports.ts'
import { provide } from './provide.ts'
import { whenFree } from './retaken.ts'
import { until } from './until.ts'

export type RedisOptions = {
  /** Its working folder; it writes nothing there. */
  dir: string
  /** A free one unless given. */
  port?: number
  /** Beside ours. */
  settings?: Record<string, string>
  /** Takes what it logs. */
  line?: (text: string) => void
}

/** One life of a Redis. */
export type Redis = { child: Child; url: string; port: number }

/**
 * Starts redis-server and waits for its PONG.
 * @throws Error with its last lines when it does not come up
 */
export async function launchRedis({ dir, port, ...about }: RedisOptions): Promise<Redis> {
  const { path } = await provide('redis-server')
  await mkdir(dir, { recursive: true })
  if (port !== undefined) return launch(path, { dir, port, ...about })
  // Redis cannot choose a port itself, and the free one may be gone by the time it starts.
  const again = () => freePort().then(free => launch(path, { dir, port: free, ...about }))
  return again().catch(again)
}

/** Starts one after the other, each on the port of the first. */
export function redisLauncher(options: RedisOptions): () => Promise<Redis> {
  let place: { port?: number } = {}
  return async () => {
    const redis = await whenFree(() => launchRedis({ ...options, ...place }))
    place = { port: redis.port }
    return redis
  }
}

async function launch(
  path: string,
  { dir, port, line, settings: more }: RedisOptions & { port: number },
): Promise<Redis> {
  const settings = { port, bind: '127.0.0.1', dir, save: '', appendonly: 'no', loglevel: 'notice', ...more }
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)])
  const child = await startChild(path, args, line ? { line } : {})
  try {
    await until('redis-server to answer PING', child, () => pong(port))
    return { child, port, url: `redis://127.0.0.1:${port}` }
  } catch (error) {
    await child.kill()
    throw error
  }
}

function pong(port: number): Promise<true | undefined> {
  return new Promise(resolve => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 1_000 }, () => socket.write('PING\r\n'))
    const end = (answer?: true) => {
      socket.destroy()
      resolve(answer)
    }
    // One that asks for a password is up too.
    socket.on('data', data => end(/^(\+PONG|-NOAUTH)/.test(data.toString()) ? true : undefined))
    socket.on('error', () => end())
    socket.on('timeout', () => end())
  })
}
