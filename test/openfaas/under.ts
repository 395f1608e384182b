import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Installed, installed } from '../../infra/install/secrets.ts'
import { startChild } from '../../infra/local/child.ts'
import type { Local } from '../../infra/local/local.ts'
import { freePort } from '../../infra/local/ports.ts'
import { until } from '../../infra/local/until.ts'
import { sha256 } from '../../shared/token.ts'
import { type StackFunction, stackOf } from './stack.ts'

type Mounted = { dir: string; secrets: Record<string, string> }

/** What lies in the Secrets of an installation that is like these settings, by the name of each file. */
export const secretsOf = (local: Local): Record<string, string> => ({
  ...{ EVENT_ENDPOINT: local.nats, REDIS_URL: local.redis, DATABASE_URL: local.postgres ?? '' },
  ...{ BRIDGE_TOKEN: local.bridgeToken, HOOK_SEAL_KEY: local.sealKey },
  'tokens.yaml': `[{name: all, sha256: ${sha256(local.token)}, publish: ['ops.>'], read: ['ops.>'], rights: [admin]}]`,
})

const secretsOfProcesses: Record<string, Installed> = installed
// The only other Secret that functions have.
const keysOf = (secret: string): readonly string[] => secretsOfProcesses[secret]?.secret ?? ['tokens.yaml']

/** The environment that the stack gives a function, with its Secrets where OpenFaaS mounts them, but below `dir`. */
export async function environmentOf(of: StackFunction, { dir, secrets }: Mounted) {
  await mkdir(dir, { recursive: true })
  for (const key of of.secrets.flatMap(keysOf)) await writeFile(join(dir, key), `${secrets[key]}\n`)
  return Object.fromEntries(
    Object.entries(of.environment).map(([name, value]) => [
      name,
      value.replace('/var/openfaas/secrets', dir),
    ]),
  )
}

/** What is answered to a GET: its status, or 0 where nobody is there. */
export const statusOf = (url: string) =>
  fetch(url).then(
    ({ status }) => status,
    () => 0,
  )

/**
 * One function under the watchdog, as the stack has it; only its ports are free ones, and its bundle lies elsewhere.
 * Resolves when the function is ready.
 */
export async function under(
  watchdog: string,
  { name, file, local, dir }: { name: string; file: string; local: Local; dir: string },
) {
  const of = stackOf().functions[name]
  if (!of) throw new Error(`The stack has no function "${name}"`)
  const [port, inner] = [String(await freePort()), String(await freePort())]
  const env = {
    ...(await environmentOf(of, { dir, secrets: secretsOf(local) })),
    fprocess: `${process.execPath} ${file}`,
    upstream_url: `http://127.0.0.1:${inner}`,
    ...{ port, PORT: inner, TMPDIR: dir, PATH: process.env.PATH },
  }
  const child = await startChild(watchdog, [], { env })
  const url = `http://127.0.0.1:${port}`
  await until('the function to be ready', child, async () => {
    const status = await statusOf(`${url}${of.environment.ready_path}`)
    return status === 200 || undefined
  })
  return { child, url, of }
}
