import { readFileSync } from 'node:fs'
import { chmod, copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'
import { freePort } from '../infra/local/ports.ts'
import { type NatsServer, startNats, startPostgres, startRedis } from '../infra/local/servers.ts'
import { giveAway } from '../infra/local/unprivileged.ts'

const folder = fileURLToPath(new URL('fixtures/tls/', import.meta.url))

/** Certificates by `ca`, but for that of localhost, which is by nobody; test/fixtures/tls/make.sh says what each is for. */
type Certificate = 'server' | 'address' | 'elsewhere' | 'expired' | 'client' | 'localhost'

/** The path of a certificate, and that of its key. */
export const certificate = (name: Certificate | 'ca') => join(folder, `${name}.crt`)
export const keyOf = (name: Certificate) => join(folder, `${name}.key`)
export const pemOf = (name: Certificate | 'ca') => readFileSync(certificate(name), 'utf8')

/** What a process takes to show the certificate of a client. */
export const asClient = { TLS_CERT_FILE: certificate('client'), TLS_KEY_FILE: keyOf('client') }

/** A NATS server of its own that shows a certificate; with `further` configuration. */
export async function natsWithTls(name: Certificate, further = '', tls = ''): Promise<NatsServer> {
  const dir = await ownFolder()
  const files = `cert_file: "${certificate(name)}", key_file: "${keyOf(name)}", ca_file: "${certificate('ca')}"`
  await writeFile(join(dir, 'tls.conf'), `tls { ${files}, timeout: 5, ${tls} }\n${further}\n`)
  const server = await startNats({ dir, include: 'tls.conf' })
  afterAll(() => server.kill())
  return server
}

/** The URL of a Redis of its own for whoever shows a certificate that the authority knows. */
export async function redisWithTls(): Promise<string> {
  const port = await freePort()
  const server = await startRedis({
    dir: await ownFolder(),
    settings: {
      ...{ 'tls-port': String(port), 'tls-auth-clients': 'yes' },
      ...{ 'tls-cert-file': certificate('server'), 'tls-key-file': keyOf('server') },
      'tls-ca-cert-file': certificate('ca'),
    },
  })
  afterAll(() => server.kill())
  return `rediss://localhost:${port}`
}

/** The URL of a PostgreSQL of its own. */
export async function postgresWithTls(): Promise<string> {
  const dir = await ownFolder()
  const key = join(dir, 'server.key')
  // It takes none that others may read.
  await copyFile(keyOf('server'), key)
  await chmod(key, 0o600)
  await giveAway(key)
  const settings = { ssl: 'on', ssl_cert_file: certificate('server'), ssl_key_file: key, fsync: 'off' }
  const server = await startPostgres({ dir: join(dir, 'data'), settings })
  afterAll(() => server.kill('SIGQUIT'))
  return `postgres://ops@localhost:${server.port}/ops?sslmode=verify-full`
}

export async function ownFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'ops-events-tls-'))
  afterAll(() => rm(dir, { recursive: true, force: true }))
  return dir
}
