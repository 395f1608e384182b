import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'
import { runToEnd } from '../../../infra/local/command.ts'
import { provide } from '../../../infra/local/provide.ts'

/** Runs helm, and tells what it said to both streams. */
export type Helm = (args: string[]) => Promise<{ ok: boolean; output: string }>

/** The folder of the chart. */
export const chart = fileURLToPath(new URL('../../../infra/helm/ops-events', import.meta.url))

/** A helm for this test file alone, for one cluster or none; nothing of the user's home is read or written. */
export async function ownHelm(kubeconfig = ''): Promise<Helm> {
  const { path } = await provide('helm')
  const dir = mkdtempSync(join(tmpdir(), 'ops-events-helm-'))
  afterAll(() => rmSync(dir, { recursive: true }))
  const homes = { HELM_CACHE_HOME: dir, HELM_CONFIG_HOME: dir, HELM_DATA_HOME: dir }
  return args => runToEnd(path, args, { env: { ...process.env, ...homes, KUBECONFIG: kubeconfig } })
}

/** What the chart renders, as YAML. @throws Error with what helm said */
export async function rendered(helm: Helm, args: string[], namespace = 'ops-system'): Promise<string> {
  const { ok, output } = await helm(['template', 'ops-events', chart, '--namespace', namespace, ...args])
  if (!ok) throw new Error(output)
  return output
}
