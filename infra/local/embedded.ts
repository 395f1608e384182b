import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { startChild } from './child.ts'
import { freePort } from './ports.ts'
import type { Postgres, PostgresOptions } from './postgres.ts'
import { whenFree } from './retaken.ts'
import { until } from './until.ts'

const owner = fileURLToPath(new URL('pglite.ts', import.meta.url))

/** Starts the embedded database one time after the other, each with the port and the data of the first. */
export function embeddedLauncher(options: Pick<PostgresOptions, 'dir' | 'line'>): () => Promise<Postgres> {
  let port: number | undefined
  return async () => {
    port ??= await freePort()
    return whenFree(() => launch({ ...options, port: port ?? 0 }))
  }
}

async function launch({
  dir,
  port,
  line,
}: Pick<PostgresOptions, 'dir' | 'line'> & { port: number }): Promise<Postgres> {
  await mkdir(dir, { recursive: true })
  const child = await startChild(process.execPath, [owner, dir, String(port)], line ? { line } : {})
  try {
    await until('the embedded database to take connections', child, async () =>
      child.tail().includes('takes connections') ? true : undefined,
    )
    // It knows one user and one database, whatever it is called by.
    return { child, port, url: `postgres://postgres@127.0.0.1:${port}/postgres` }
  } catch (error) {
    await child.kill()
    throw error
  }
}
