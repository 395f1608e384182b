import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const url = z.string().optional()

/** `.local/endpoints.json`: what runs where. Full URLs without a trailing slash. */
export const Endpoints = z.object({
  ingest: url,
  api: url,
  watcher: url,
  bridge: url,
  inbox: url,
  nats: z.string(),
  redis: z.string(),
  postgres: z.string(),
  /** With a cluster: the path of the kubeconfig of who may do everything in it, and that of a kubectl for it. */
  kubeconfig: z.string().optional(),
  kubectl: z.string().optional(),
  token: z.string(),
  processes: z.record(z.string(), z.number()),
})
export type Endpoints = z.infer<typeof Endpoints>

const file = (dir: string) => join(dir, 'endpoints.json')

/** Writes the file so that a reader sees the old or the new one, never a half. It holds the token, so only for us. */
export function writeEndpoints(dir: string, endpoints: Endpoints): void {
  const beside = `${file(dir)}.${process.pid}`
  writeFileSync(beside, `${JSON.stringify(endpoints, null, 2)}\n`, { mode: 0o600 })
  renameSync(beside, file(dir))
}

/** What the file says, or undefined when there is none that can be read. */
export function readEndpoints(dir: string): Endpoints | undefined {
  try {
    return Endpoints.safeParse(JSON.parse(readFileSync(file(dir), 'utf8'))).data
  } catch {
    return undefined
  }
}

export function removeEndpoints(dir: string): void {
  rmSync(file(dir), { force: true })
}
