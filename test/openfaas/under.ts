import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startChild } from '../../infra/local/child.ts'
import { freePort } from '../../infra/local/ports.ts'
import type { StackFunction } from './stack.ts'

type Mounted = { dir: string; secrets: Record<string, string> }

/** The environment that the stack gives a function, with these secrets where OpenFaaS mounts them, but below `dir`. */
export async function environmentOf(of: StackFunction, { dir, secrets }: Mounted) {
  await mkdir(dir, { recursive: true })
  for (const [file, text] of Object.entries(secrets)) await writeFile(join(dir, file), `${text}\n`)
  return Object.fromEntries(
    Object.entries(of.environment).map(([name, value]) => [
      name,
      value.replace('/var/openfaas/secrets', dir),
    ]),
  )
}

/** One function under the watchdog, as the stack has it; only its ports are free ones, and its bundle lies elsewhere. */
export async function under(
  watchdog: string,
  { of, bundle, ...mounted }: { of: StackFunction; bundle: string } & Mounted,
) {
  const [port, inner] = [String(await freePort()), String(await freePort())]
  const env = {
    ...(await environmentOf(of, mounted)),
    fprocess: `${process.execPath} ${bundle}`,
    upstream_url: `http://127.0.0.1:${inner}`,
    ...{ port, PORT: inner, TMPDIR: mounted.dir, PATH: process.env.PATH },
  }
  const lines: string[] = []
  const child = await startChild(watchdog, [], { env, line: text => lines.push(text) })
  return { child, url: `http://127.0.0.1:${port}`, lines }
}
