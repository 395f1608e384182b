import { createWriteStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect } from '@nats-io/transport-node'
import { type Child, startChild } from '../../infra/local/child.ts'
import { provide } from '../../infra/local/provide.ts'
import { until } from '../../infra/local/until.ts'

/** The versions of nats-server that both sides are tried with. */
export const versions = ['current', '2.9.10'] as const
export type Version = (typeof versions)[number]

/** A NATS server of a configuration of its own, which answers one user. */
export type ConfiguredServer = {
  url: string
  port: number
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Runs again on the same port and store, killed first where it still runs. */
  restart(): Promise<void>
}

/** Starts nats-server with `files` in its folder, of which `nats.conf` is read, and waits until its JetStream answers. */
export async function startConfigured(about: {
  dir: string
  version: Version
  port: number
  files: Record<string, string>
  user: string
  password: string
  /** Certificates that it trusts, in a file. */
  trusted?: string
}): Promise<ConfiguredServer> {
  const { dir, version, port, files, user, password, trusted } = about
  const { path } = await provide(version === 'current' ? 'nats-server' : 'nats-server-2.9.10')
  await mkdir(dir, { recursive: true })
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text)
  const env = { ...process.env, ...(trusted && { SSL_CERT_FILE: trusted }) }

  const log = createWriteStream(join(dir, 'nats.log'))
  const line = (text: string) => void log.write(`${text}\n`)

  async function launch(): Promise<Child> {
    const child = await startChild(path, ['-c', join(dir, 'nats.conf')], { env, line })
    await until('JetStream to answer', child, answers)
    return child
  }
  // Whoever is refused gets no answer either, and that is enough here.
  async function answers(): Promise<true | undefined> {
    const inboxPrefix = `_INBOX_${user}`
    const servers = `127.0.0.1:${port}`
    const nc = await connect({ servers, user, pass: password, inboxPrefix, reconnect: false }).catch(
      () => undefined,
    )
    const answer = await nc
      ?.request('$JS.API.STREAM.INFO.ops', undefined, { timeout: 1_000 })
      .catch(() => undefined)
    await nc?.close()
    return answer && true
  }
  let child = await launch()
  return {
    url: `nats://${user}:${password}@127.0.0.1:${port}`,
    port,
    kill: signal => child.kill(signal),
    async restart() {
      await child.kill()
      child = await launch()
    },
  }
}
